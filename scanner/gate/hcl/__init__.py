"""Expressions of Terraform, worked out from the files they are written in, where a plan tells only what they name."""
