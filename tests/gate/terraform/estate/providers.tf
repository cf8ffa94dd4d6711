terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "accounts" {
  type = map(string)
}

variable "data_account" {
  type = string
}

# 1 is what exists, 2 is the change.
variable "stage" {
  type    = number
  default = 1
}

provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "production"
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.accounts["production"]}:role/OrganizationAccountAccessRole"
  }
  default_tags {
    tags = { owner = "checkout", environment = "production" }
  }
}

provider "aws" {
  alias  = "test"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::559865455987:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias               = "data"
  region              = "eu-central-1"
  allowed_account_ids = [var.data_account]
  assume_role {
    role_arn = "arn:aws:iam::${var.data_account}:role/OrganizationAccountAccessRole"
  }
}
