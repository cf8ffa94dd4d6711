terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  alias  = "backup"
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.backup}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias  = "catalog"
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.catalog}:role/OrganizationAccountAccessRole"
  }
}

variable "backup" {
  description = "Account backup-vaults."
  type        = string
}

variable "catalog" {
  description = "Account catalog-production."
  type        = string
}
