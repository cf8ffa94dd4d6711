variable "cidr" { type = string }
variable "zones" { type = list(string) }

locals {
  private = { for number, zone in var.zones : zone => cidrsubnet(var.cidr, 8, number) }
}

resource "aws_vpc" "this" {
  cidr_block = var.cidr
}

resource "aws_subnet" "private" {
  for_each          = local.private
  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = each.key
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private
  vpc_id   = each.value.vpc_id
}

resource "aws_route_table_association" "private" {
  for_each       = aws_subnet.private
  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.this.id
  service_name = "com.amazonaws.eu-central-1.s3"
}

resource "aws_vpc_endpoint_route_table_association" "s3" {
  for_each        = aws_route_table.private
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = each.value.id
}

output "vpc_id" { value = aws_vpc.this.id }
output "subnet_ids" { value = [for zone in var.zones : aws_subnet.private[zone].id] }
