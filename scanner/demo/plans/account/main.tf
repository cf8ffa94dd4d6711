# An account in a hurry: in no unit, and nobody said whose it is.

data "aws_organizations_organization" "this" {}

resource "aws_organizations_account" "wishlist" {
  name      = "wishlist-production"
  email     = "aws+wishlist-production@harbour-goods.example"
  parent_id = data.aws_organizations_organization.this.roots[0].id
}
