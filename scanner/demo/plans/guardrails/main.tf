# Nobody leaves, and what was copied stays.

data "aws_organizations_organization" "this" {}

resource "aws_organizations_policy" "stay" {
  name        = "members-stay"
  description = "No account leaves the organization"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Stay"
      Effect   = "Deny"
      Action   = "organizations:LeaveOrganization"
      Resource = "*"
    }]
  })
}

resource "aws_organizations_policy_attachment" "stay" {
  policy_id = aws_organizations_policy.stay.id
  target_id = data.aws_organizations_organization.this.roots[0].id
}

resource "aws_backup_vault_lock_configuration" "catalog" {
  provider            = aws.backup
  backup_vault_name   = "catalog-copies"
  changeable_for_days = 3
  min_retention_days  = 7
  max_retention_days  = 365
}
