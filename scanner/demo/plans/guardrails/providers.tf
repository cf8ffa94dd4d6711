terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "backup"
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.backup}:role/OrganizationAccountAccessRole"
  }
}

variable "backup" {
  description = "Account backup-vaults."
  type        = string
}
