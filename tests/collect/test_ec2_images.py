"""Images: who may launch them."""

from __future__ import annotations

from scanner.collect import ec2_images
from tests.collect.answers.ec2_images import ANSWERS
from tests.collect.fake import read, table_of


def test_launch_permissions_are_accounts_organizations_and_everybody() -> None:
    lent, public = table_of(read(ec2_images, ANSWERS), "images")
    assert lent["shared_with"] == ["444455556666", "arn:aws:organizations::444455556666:organization/o-acme"]
    assert lent["source_arn"] == "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0"
    assert public["shared_with"] == ["all"]
    assert public["source_arn"] is None


def test_who_may_launch_an_image_is_a_gap_where_it_was_not_told() -> None:
    rows = table_of(read(ec2_images, ANSWERS, "ec2.describe_image_attribute"), "images")
    assert [row["shared_with"] for row in rows] == [None, None]
