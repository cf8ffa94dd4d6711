# The same estate as estate.yaml, to the letter.

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["222222222222"]
}

resource "aws_vpc" "Main" {
  cidr_block = "10.70.0.0/16"
  tags       = { Name = "main", environment = "production" }
}
resource "aws_vpc_ipv4_cidr_block_association" "More" {
  vpc_id     = aws_vpc.Main.id
  cidr_block = "10.71.0.0/16"
}
resource "aws_subnet" "Private" {
  vpc_id            = aws_vpc.Main.id
  cidr_block        = "10.70.0.0/24"
  availability_zone = "eu-central-1a"
}
resource "aws_subnet" "Public" {
  vpc_id                  = aws_vpc.Main.id
  cidr_block              = "10.70.1.0/24"
  availability_zone       = "eu-central-1b"
  map_public_ip_on_launch = true
}
resource "aws_internet_gateway" "Internet" {}
resource "aws_internet_gateway_attachment" "Attached" {
  vpc_id              = aws_vpc.Main.id
  internet_gateway_id = aws_internet_gateway.Internet.id
}
resource "aws_nat_gateway" "Outward" {
  subnet_id         = aws_subnet.Public.id
  connectivity_type = "private"
}
resource "aws_route_table" "Table" {
  vpc_id = aws_vpc.Main.id
}
resource "aws_route_table_association" "OfPublic" {
  route_table_id = aws_route_table.Table.id
  subnet_id      = aws_subnet.Public.id
}
resource "aws_route" "Default" {
  route_table_id         = aws_route_table.Table.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.Internet.id
}
resource "aws_vpc_peering_connection" "Peer" {
  vpc_id      = aws_vpc.Main.id
  peer_vpc_id = "vpc-1"
  auto_accept = true
}
resource "aws_route" "Over" {
  route_table_id            = aws_route_table.Table.id
  destination_cidr_block    = "10.1.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.Peer.id
}
resource "aws_network_acl" "Acl" {
  vpc_id = aws_vpc.Main.id
}
resource "aws_network_acl_rule" "AclIn" {
  network_acl_id = aws_network_acl.Acl.id
  rule_number    = 100
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = "10.0.0.0/8"
  from_port      = 443
  to_port        = 443
}
resource "aws_network_acl_rule" "AclPing" {
  network_acl_id = aws_network_acl.Acl.id
  rule_number    = 110
  protocol       = "icmp"
  rule_action    = "deny"
  egress         = true
  cidr_block     = "10.0.0.0/8"
  icmp_type      = -1
  icmp_code      = -1
}
resource "aws_network_acl_association" "AclOfPrivate" {
  network_acl_id = aws_network_acl.Acl.id
  subnet_id      = aws_subnet.Private.id
}
resource "aws_security_group" "App" {
  name   = "app"
  vpc_id = aws_vpc.Main.id
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "Data" {
  name   = "data"
  vpc_id = aws_vpc.Main.id
  ingress {
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [aws_security_group.App.id]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "aws_vpc_security_group_ingress_rule" "FromTest" {
  security_group_id = aws_security_group.Data.id
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_ipv4         = "10.0.0.0/8"
}
resource "aws_vpc_security_group_egress_rule" "ToList" {
  security_group_id = aws_security_group.App.id
  ip_protocol       = "tcp"
  from_port         = 1
  to_port           = 2
  prefix_list_id    = aws_ec2_managed_prefix_list.List.id
}
resource "aws_ec2_managed_prefix_list" "List" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5
  entry {
    cidr = "192.0.2.0/24"
  }
  entry {
    cidr = "198.51.100.0/24"
  }
}
resource "aws_vpc_endpoint" "Endpoint" {
  vpc_id             = aws_vpc.Main.id
  vpc_endpoint_type  = "Interface"
  service_name       = "com.amazonaws.eu-central-1.ssm"
  subnet_ids         = [aws_subnet.Private.id]
  security_group_ids = [aws_security_group.App.id]
}
resource "aws_ec2_transit_gateway" "Hub" {
  default_route_table_association    = "enable"
  default_route_table_propagation    = "disable"
  security_group_referencing_support = "enable"
}
resource "aws_ec2_transit_gateway_route_table" "HubTable" {
  transit_gateway_id = aws_ec2_transit_gateway.Hub.id
}
resource "aws_ec2_transit_gateway_vpc_attachment" "Spoke" {
  transit_gateway_id = aws_ec2_transit_gateway.Hub.id
  vpc_id             = aws_vpc.Main.id
  subnet_ids         = [aws_subnet.Private.id]
}
resource "aws_ec2_transit_gateway_route" "HubRoute" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.HubTable.id
  destination_cidr_block         = "10.70.0.0/16"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.Spoke.id
}
resource "aws_ec2_transit_gateway_route_table_propagation" "Propagated" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.HubTable.id
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.Spoke.id
}
resource "aws_instance" "Server" {
  ami                    = "ami-12345678"
  subnet_id              = aws_subnet.Private.id
  vpc_security_group_ids = [aws_security_group.App.id]
  iam_instance_profile   = aws_iam_instance_profile.Profile.name
  tags                   = { Name = "server" }
}
resource "aws_ebs_volume" "Disk" {
  availability_zone = "eu-central-1a"
  size              = 8
  encrypted         = true
  kms_key_id        = aws_kms_key.Key.arn
}
resource "aws_network_interface" "Door" {
  subnet_id       = aws_subnet.Private.id
  security_groups = [aws_security_group.Data.id]
  private_ips     = ["10.70.0.9"]
}
resource "aws_iam_instance_profile" "Profile" {
  name = "server"
  role = aws_iam_role.Role.name
}
resource "aws_iam_role" "Role" {
  name                = "server"
  path                = "/service/"
  assume_role_policy  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::333333333333:root" }, Action = "sts:AssumeRole" }] })
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  inline_policy {
    name   = "inline"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
  }
}
resource "aws_iam_policy" "Managed" {
  name   = "managed"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ec2:*", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "ManagedOfRole" {
  role       = aws_iam_role.Role.name
  policy_arn = aws_iam_policy.Managed.arn
}
resource "aws_iam_role_policy" "Inline" {
  name   = "more"
  role   = aws_iam_role.Role.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:*", Resource = "*" }] })
}
resource "aws_iam_user" "Person" {
  name = "person"
}
resource "aws_iam_user_group_membership" "PersonOfPeople" {
  user   = aws_iam_user.Person.name
  groups = [aws_iam_group.People.name]
}
resource "aws_iam_user_policy_attachment" "ManagedOfPerson" {
  user       = aws_iam_user.Person.name
  policy_arn = aws_iam_policy.Managed.arn
}
resource "aws_iam_group" "People" {
  name = "people"
}
resource "aws_kms_key" "Key" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::333333333333:root" }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_secretsmanager_secret" "Secret" {
  name       = "orders"
  kms_key_id = aws_kms_key.Key.arn
}
resource "aws_secretsmanager_secret_policy" "SecretPolicy" {
  secret_arn = aws_secretsmanager_secret.Secret.arn
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::333333333333:root" }, Action = "secretsmanager:GetSecretValue", Resource = "*" }] })
}
resource "aws_sns_topic" "Topic" {
  name = "topic"
}
resource "aws_sns_topic_policy" "TopicPolicy" {
  arn    = aws_sns_topic.Topic.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "sns:Publish", Resource = "*" }] })
}
resource "aws_sqs_queue" "Queue" {
  name = "queue"
}
resource "aws_sqs_queue_policy" "QueuePolicy" {
  queue_url = aws_sqs_queue.Queue.url
  policy    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }] })
}
resource "aws_lambda_function" "Function" {
  function_name = "function"
  role          = aws_iam_role.Role.arn
  runtime       = "python3.13"
  handler       = "index.handler"
  vpc_config {
    subnet_ids         = [aws_subnet.Private.id]
    security_group_ids = [aws_security_group.App.id]
  }
}
resource "aws_lambda_permission" "Calls" {
  function_name = aws_lambda_function.Function.function_name
  action        = "lambda:InvokeFunction"
  principal     = "333333333333"
}
resource "aws_lb" "Balancer" {
  name            = "balancer"
  internal        = true
  subnets         = [aws_subnet.Private.id, aws_subnet.Public.id]
  security_groups = [aws_security_group.App.id]
}
resource "aws_elb" "Classic" {
  name            = "classic"
  internal        = false
  subnets         = [aws_subnet.Public.id]
  security_groups = [aws_security_group.App.id]
}
resource "aws_ecs_cluster" "Cluster" {
  name = "main"
  tags = { product = "shop" }
}
resource "aws_ecs_service" "Service" {
  name    = "service"
  cluster = aws_ecs_cluster.Cluster.id
  network_configuration {
    subnets         = [aws_subnet.Private.id]
    security_groups = [aws_security_group.App.id]
  }
  tags = { product = "newsletter" }
}
resource "aws_eks_cluster" "Kubernetes" {
  name     = "kubernetes"
  role_arn = aws_iam_role.Role.arn
  vpc_config {
    subnet_ids         = [aws_subnet.Private.id, aws_subnet.Public.id]
    security_group_ids = [aws_security_group.App.id]
  }
}
resource "aws_ebs_snapshot_block_public_access" "Snapshots" {
  state = "block-all-sharing"
}
resource "aws_s3_bucket" "Bucket" {
  bucket = "estate-of-orders"
}
resource "aws_s3_bucket_versioning" "Bucket" {
  bucket = aws_s3_bucket.Bucket.id
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_public_access_block" "Bucket" {
  bucket                  = aws_s3_bucket.Bucket.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = false
}
resource "aws_s3_bucket_server_side_encryption_configuration" "Bucket" {
  bucket = aws_s3_bucket.Bucket.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.Key.arn
    }
  }
}
resource "aws_s3_bucket_replication_configuration" "Bucket" {
  bucket = aws_s3_bucket.Bucket.id
  role   = aws_iam_role.Role.arn
  rule {
    status = "Enabled"
    prefix = "logs"
    destination {
      bucket  = "arn:aws:s3:::copies"
      account = "444444444444"
    }
  }
}
resource "aws_s3_bucket_policy" "BucketPolicy" {
  bucket = aws_s3_bucket.Bucket.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::333333333333:root" }, Action = "s3:GetObject", Resource = "arn:aws:s3:::estate-of-orders/*" }] })
}
resource "aws_db_subnet_group" "Subnets" {
  name       = "estate"
  subnet_ids = [aws_subnet.Private.id, aws_subnet.Public.id]
}
resource "aws_db_instance" "Database" {
  identifier              = "estate"
  instance_class          = "db.t4g.medium"
  engine                  = "postgres"
  db_subnet_group_name    = aws_db_subnet_group.Subnets.name
  vpc_security_group_ids  = [aws_security_group.Data.id]
  publicly_accessible     = true
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.Key.arn
  backup_retention_period = 5
  tags                    = { environment = "production" }
}
resource "aws_rds_cluster" "Aurora" {
  cluster_identifier      = "aurora"
  engine                  = "aurora-postgresql"
  db_subnet_group_name    = aws_db_subnet_group.Subnets.name
  vpc_security_group_ids  = [aws_security_group.Data.id]
  storage_encrypted       = true
  backup_retention_period = 3
}
resource "aws_rds_cluster_instance" "Writer" {
  identifier          = "writer"
  instance_class      = "db.t4g.medium"
  engine              = "aurora-postgresql"
  cluster_identifier  = aws_rds_cluster.Aurora.id
  publicly_accessible = false
}
resource "aws_elasticache_replication_group" "Cache" {
  replication_group_id       = "cache"
  description                = "cache"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  security_group_ids         = [aws_security_group.Data.id]
  subnet_group_name          = "caches"
  at_rest_encryption_enabled = true
  snapshot_retention_limit   = 2
}
resource "aws_redshift_cluster" "Warehouse" {
  cluster_identifier        = "warehouse"
  node_type                 = "ra3.large"
  vpc_security_group_ids    = [aws_security_group.Data.id]
  cluster_subnet_group_name = "warehouses"
  publicly_accessible       = false
  encrypted                 = true
}
resource "aws_opensearch_domain" "Search" {
  domain_name = "search"
  encrypt_at_rest {
    enabled = true
  }
  vpc_options {
    subnet_ids         = [aws_subnet.Private.id]
    security_group_ids = [aws_security_group.Data.id]
  }
  access_policies = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "es:*", Resource = "*" }] })
}
resource "aws_dynamodb_table" "Orders" {
  name                        = "orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.Key.arn
  }
}
resource "aws_efs_file_system" "Files" {
  encrypted = true
  tags      = { Name = "files" }
}
resource "aws_backup_vault" "Vault" {
  name        = "vault"
  kms_key_arn = aws_kms_key.Key.arn
}
resource "aws_backup_vault_lock_configuration" "Vault" {
  backup_vault_name   = aws_backup_vault.Vault.name
  min_retention_days  = 7
  max_retention_days  = 30
  changeable_for_days = 3
}
resource "aws_backup_vault_policy" "Vault" {
  backup_vault_name = aws_backup_vault.Vault.name
  policy            = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "backup:DeleteRecoveryPoint", Resource = "*" }] })
}
resource "aws_backup_plan" "Plan" {
  name = "daily"
  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.Vault.name
    schedule          = "cron(0 3 * * ? *)"
    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-central-1:444444444444:backup-vault:copies"
    }
  }
}
resource "aws_backup_selection" "Selection" {
  plan_id       = aws_backup_plan.Plan.id
  name          = "all"
  iam_role_arn  = aws_iam_role.Role.arn
  resources     = ["*"]
  not_resources = [aws_efs_file_system.Files.arn]
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "backup"
    value = "yes"
  }
  condition {
    string_not_equals {
      key   = "aws:ResourceTag/environment"
      value = "test"
    }
  }
}
resource "aws_ram_resource_share" "Share" {
  name                      = "share"
  allow_external_principals = true
}
resource "aws_ram_resource_association" "Share" {
  resource_arn       = "arn:aws:ec2:eu-central-1:222222222222:subnet/subnet-1"
  resource_share_arn = aws_ram_resource_share.Share.arn
}
resource "aws_ram_principal_association" "Share" {
  principal          = "333333333333"
  resource_share_arn = aws_ram_resource_share.Share.arn
}
resource "aws_budgets_budget" "Budget" {
  name         = "month"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = "100"
  limit_unit   = "USD"
  cost_filter {
    name   = "LinkedAccount"
    values = ["222222222222"]
  }
}
