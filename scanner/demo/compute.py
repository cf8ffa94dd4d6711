"""What there is beside instances and RDS: functions, container services, load balancers, warehouses, file systems; all tagged."""

from __future__ import annotations

import io
import zipfile

from scanner.demo.estate import MAIN, Account, document
from scanner.demo.network import Vpc, make_group, make_vpc
from scanner.demo.roles import READ_ONLY, make_role, trust_service


def build_compute(checkout: Vpc, trial: Vpc, legacy: Account, marketing: Account) -> None:
    """Planted: a VPC in which a function of production runs beside a service of test; a file system without any copy; a
    queue that everybody may write to.

    Clean: the same in one environment; a warehouse of test; a queue and a topic of their own account.
    """
    group = make_group(checkout, "checkout-front")
    make_function(checkout, "checkout-mailer", group)
    make_service(checkout, "checkout-worker", group)
    make_load_balancer(checkout, "checkout-front", group)
    functions = make_vpc(legacy, "legacy-functions-vpc", 81)
    group = make_group(functions, "shop-thumbnails")
    make_function(functions, "shop-thumbnails", group)
    make_service(functions, "shop-thumbnails-trial", group, environment="test")
    make_file_system(legacy, "shop-images")
    make_warehouse(trial, "checkout-funnel", make_group(trial, "checkout-funnel"))
    make_queue(marketing, "campaign-clicks", "*")
    make_queue(marketing, "campaign-mails", {"Service": "events.amazonaws.com"})
    made = marketing.client("sns").create_topic(Name="campaign-alarms", Tags=marketing.resource_tags("campaign-alarms"))
    marketing.remember("campaign-alarms", made["TopicArn"])


def make_function(vpc: Vpc, name: str, group: str) -> None:
    account = vpc.account
    role = make_role(account, name, trust_service("lambda"), managed=READ_ONLY)
    made = account.client("lambda", vpc.region).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="main.handler",
        Role=role,
        Code={"ZipFile": _archive("def handler(event, context): return None\n")},
        VpcConfig={"SubnetIds": vpc.subnets, "SecurityGroupIds": [group]},
        Tags=_as_mapping(account, name),
    )
    account.remember(name, made["FunctionArn"])


def _archive(code: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py"), code)
    return packed.getvalue()


def make_service(vpc: Vpc, name: str, group: str, **tags: str | None) -> None:
    """A service of a cluster of its own."""
    account = vpc.account
    ecs = account.client("ecs", vpc.region)
    labels = [{"key": key, "value": value} for key, value in _as_mapping(account, name, **tags).items()]
    ecs.create_cluster(clusterName=name, tags=labels)
    ecs.register_task_definition(
        family=name,
        networkMode="awsvpc",
        containerDefinitions=[{"name": "main", "image": "harbour/worker:1", "memory": 256}],
        tags=labels,
    )
    made = ecs.create_service(
        cluster=name,
        serviceName=name,
        taskDefinition=name,
        desiredCount=1,
        networkConfiguration={"awsvpcConfiguration": {"subnets": vpc.subnets, "securityGroups": [group]}},
        tags=labels,
    )
    account.remember(name, made["service"]["serviceArn"])


def make_load_balancer(vpc: Vpc, name: str, group: str) -> None:
    account = vpc.account
    made = account.client("elbv2", vpc.region).create_load_balancer(
        Name=name,
        Subnets=vpc.subnets,
        SecurityGroups=[group],
        Scheme="internal",
        Tags=account.resource_tags(name),
    )
    account.remember(f"{name}-balancer", made["LoadBalancers"][0]["LoadBalancerArn"])


def make_queue(account: Account, name: str, writer: str | dict[str, str]) -> None:
    sqs = account.client("sqs")
    arn = f"arn:aws:sqs:{MAIN}:{account.id}:{name}"
    lets = {"Effect": "Allow", "Principal": writer, "Action": "sqs:SendMessage", "Resource": arn}
    sqs.create_queue(QueueName=name, Attributes={"Policy": document(lets)}, tags=_as_mapping(account, name))
    account.remember(name, arn)


def make_file_system(account: Account, name: str) -> None:
    made = account.client("efs").create_file_system(
        CreationToken=name, Encrypted=True, Tags=account.resource_tags(name)
    )
    account.remember(name, made["FileSystemArn"])


def make_warehouse(vpc: Vpc, name: str, group: str) -> None:
    """A cluster of Redshift; AWS takes a snapshot of its own accord."""
    account = vpc.account
    redshift = account.client("redshift", vpc.region)
    redshift.create_cluster_subnet_group(
        ClusterSubnetGroupName=name, Description=name, SubnetIds=vpc.subnets, Tags=account.resource_tags(name)
    )
    redshift.create_cluster(
        ClusterIdentifier=name,
        ClusterType="single-node",
        NodeType="ra3.large",
        MasterUsername="harbour",
        MasterUserPassword="Only-for-the-demo-1",
        ClusterSubnetGroupName=name,
        VpcSecurityGroupIds=[group],
        PubliclyAccessible=False,
        Tags=account.resource_tags(name),
    )
    account.remember(name, f"arn:aws:redshift:{vpc.region}:{account.id}:cluster:{name}")


def _as_mapping(account: Account, name: str, **tags: str | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in account.resource_tags(name, **tags)}
