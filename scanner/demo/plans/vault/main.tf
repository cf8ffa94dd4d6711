# The copies of the catalog were kept in the backup account. Somebody finds that inconvenient:
# the vault there is no longer declared, and is made anew beside the data.

resource "aws_backup_vault" "beside_the_data" {
  provider      = aws.catalog
  name          = "catalog-copies"
  force_destroy = true
  tags          = { owner = "catalog@harbour-goods.example", product = "catalog", environment = "production" }
}
