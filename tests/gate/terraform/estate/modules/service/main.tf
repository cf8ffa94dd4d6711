terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.data]
    }
  }
}
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "admitted" { type = string }
variable "data_account" { type = string }
variable "databases" { type = number }

resource "aws_security_group" "app" {
  name   = "gate-app"
  vpc_id = var.vpc_id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "db" {
  name   = "gate-db"
  vpc_id = var.vpc_id
  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [aws_security_group.app.id]
  }
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = [var.admitted]
  }
}
resource "aws_security_group_rule" "app" {
  type              = "ingress"
  security_group_id = aws_security_group.app.id
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["10.80.0.0/16"]
}
resource "aws_vpc_security_group_ingress_rule" "app" {
  security_group_id = aws_security_group.app.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "10.80.0.0/16"
}
resource "aws_db_subnet_group" "db" {
  name       = "gate-db"
  subnet_ids = var.subnet_ids
}
resource "aws_kms_key" "db" {
  description = "gate"
}
resource "aws_db_instance" "db" {
  count                   = var.databases
  identifier              = "gate-db"
  engine                  = "postgres"
  instance_class          = "db.t3.micro"
  allocated_storage       = 10
  username                = "gate"
  password                = "placeholder-only"
  db_subnet_group_name    = aws_db_subnet_group.db.name
  vpc_security_group_ids  = [aws_security_group.db.id]
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.db.arn
  backup_retention_period = 7
  skip_final_snapshot     = true
}
resource "aws_secretsmanager_secret" "db" {
  name = "gate/db"
}
resource "aws_iam_role" "app" {
  name               = "gate-app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "app" {
  name   = "read-secret"
  role   = aws_iam_role.app.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.db.arn }] })
}
resource "aws_iam_role" "reader" {
  provider           = aws.data
  name               = "gate-reader"
  assume_role_policy = data.aws_iam_policy_document.reader.json
}
data "aws_iam_policy_document" "reader" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.app.arn]
    }
  }
}
resource "aws_iam_role_policy_attachment" "reader" {
  provider   = aws.data
  role       = aws_iam_role.reader.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
