"""What resource policies guard: keys, secrets, queues, topics."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.gate.cloudformation.kinds import Block, Part, declare, listed, plain

plain(
    "AWS::KMS::Key",
    "aws_kms_key",
    {"KeyPolicy": "policy", "Enabled": "is_enabled"},
    attributes={"KeyId": "id"},
    documents=("KeyPolicy",),
)
plain("AWS::SecretsManager::Secret", "aws_secretsmanager_secret", ref="arn")
plain(
    "AWS::SecretsManager::ResourcePolicy",
    "aws_secretsmanager_secret_policy",
    {"SecretId": "secret_arn", "ResourcePolicy": "policy"},
    documents=("ResourcePolicy",),
)
plain("AWS::SecretsManager::RotationSchedule", "aws_secretsmanager_secret_rotation", ref=None)
plain("AWS::SQS::Queue", "aws_sqs_queue", {"QueueName": "name"}, ref="url", attributes={"QueueUrl": "url"})
plain("AWS::SNS::Topic", "aws_sns_topic", {"TopicName": "name"}, ref="arn", attributes={"TopicArn": "arn"})


@declare("AWS::SQS::QueuePolicy", "aws_sqs_queue_policy")
def queue_policy(block: Block) -> Iterator[Part]:
    for url in listed(block.get("Queues")) or [None]:
        yield "aws_sqs_queue_policy", {"queue_url": url, "policy": block.document(block.get("PolicyDocument"))}


@declare("AWS::SNS::TopicPolicy", "aws_sns_topic_policy")
def topic_policy(block: Block) -> Iterator[Part]:
    for arn in listed(block.get("Topics")) or [None]:
        yield "aws_sns_topic_policy", {"arn": arn, "policy": block.document(block.get("PolicyDocument"))}


plain(
    "AWS::SQS::QueueInlinePolicy",
    "aws_sqs_queue_policy",
    {"Queue": "queue_url", "PolicyDocument": "policy"},
    documents=("PolicyDocument",),
)
plain(
    "AWS::SNS::TopicInlinePolicy",
    "aws_sns_topic_policy",
    {"TopicArn": "arn", "PolicyDocument": "policy"},
    documents=("PolicyDocument",),
)
