terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  alias  = "production"
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.production}:role/OrganizationAccountAccessRole"
  }
}

provider "aws" {
  alias  = "test"
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.test}:role/OrganizationAccountAccessRole"
  }
}

variable "production" {
  description = "Account checkout-production."
  type        = string
}

variable "test" {
  description = "Account checkout-test."
  type        = string
}
