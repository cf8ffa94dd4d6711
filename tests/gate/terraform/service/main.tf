terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
  }
  default_tags {
    tags = { owner = "shop", product = "shop", environment = "production" }
  }
}

locals {
  name = "returns"
}

module "network" {
  source = "./modules/network"
  cidr   = "10.45.0.0/16"
  zones  = ["eu-central-1a", "eu-central-1b"]
}

module "bucket" {
  source   = "./modules/bucket"
  for_each = toset(["archive", "reports"])
  name     = "shop-returns-${each.key}"
  readers  = each.key == "reports" ? [aws_iam_role.worker.arn] : []
}

resource "aws_secretsmanager_secret" "db" {
  name = "${local.name}/db"
}

resource "aws_kms_key" "data" {
  policy = templatefile("${path.module}/key.json.tftpl", { account = "222222222222", reader = aws_iam_role.worker.arn })
}

resource "aws_iam_role" "worker" {
  name_prefix        = "worker-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "worker" {
  role = aws_iam_role.worker.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.db.arn },
      { Effect = "Allow", Action = "s3:PutObject", Resource = [for one in ["archive", "reports"] : "${module.bucket[one].arn}/*"] },
    ]
  })
}

resource "aws_iam_instance_profile" "worker" {
  role = aws_iam_role.worker.name
}

resource "aws_security_group" "worker" {
  name   = "worker"
  vpc_id = module.network.vpc_id
}

resource "aws_launch_template" "worker" {
  name                   = "worker"
  vpc_security_group_ids = [aws_security_group.worker.id]
  iam_instance_profile {
    arn = aws_iam_instance_profile.worker.arn
  }
}

resource "aws_autoscaling_group" "worker" {
  name                = "worker"
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = module.network.subnet_ids
  launch_template {
    id = aws_launch_template.worker.id
  }
  tag {
    key                 = "product"
    value               = "shop"
    propagate_at_launch = true
  }
}
