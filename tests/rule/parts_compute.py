"""Functions, services, a cluster and load balancers: what nothing but these tells about an account and its VPC."""

from __future__ import annotations

from typing import Any

from tests.rule import organization as o

MADE = "ledger-Api-0A1B2C3D4E5F"


def add(found: dict[tuple[str, str, str], Any]) -> None:
    """Production beside test in the test account's second Region: a function among services, told apart by tags only."""
    account, region = o.TEST, o.THERE
    me = f"{region}:{account}"
    function, cluster = f"arn:aws:lambda:{me}:function:refunds", f"arn:aws:ecs:{me}:cluster/shop"
    service, balancer = (
        f"{cluster.replace('cluster', 'service')}/worker",
        f"arn:aws:elasticloadbalancing:{me}:loadbalancer",
    )
    said = {"owner": "orders@acme", "workload": "orders"}
    test = o.tag_list("key", "value", environment="test", **said)
    part = {
        **o.network(account, "f", "10.31.0.0/16", {"sg-f": []}, vpc="vpc-f", public=False),
        "lambda.list_functions": {"Functions": [
            {"FunctionName": "refunds", "FunctionArn": function, "VpcConfig": {"VpcId": "vpc-f", "SubnetIds": ["subnet-f1"], "SecurityGroupIds": ["sg-f"]}},
            {"FunctionName": "probe", "FunctionArn": function.replace("refunds", "probe")},
            {"FunctionName": MADE, "FunctionArn": function.replace("refunds", MADE)}]},
        # Only its stack says that it is production's.
        "cloudformation.describe_stacks": {"Stacks": [{"StackId": f"arn:aws:cloudformation:{me}:stack/ledger/1", "StackName": "ledger",
            "Tags": o.tag_list(environment="production", workload="orders")}]},
        "ecs.list_clusters": {"clusterArns": [cluster]},
        "ecs.list_services": o.per("cluster", {cluster: {"serviceArns": [service]}}),
        "ecs.describe_services": [{"request": {"cluster": cluster, "services": [service], "include": ["TAGS"]}, "response": {"services": [
            {"serviceArn": service, "serviceName": "worker", "status": "ACTIVE", "tags": test,
             "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-f1"], "securityGroups": ["sg-f"]}}}]}}],
        "eks.list_clusters": {"clusters": ["kube"]},
        "eks.describe_cluster": o.per("name", {"kube": {"cluster": {"name": "kube", "arn": f"arn:aws:eks:{me}:cluster/kube",
            "resourcesVpcConfig": {"vpcId": "vpc-f", "subnetIds": ["subnet-f2"]}, "tags": {"environment": "test", **said}}}}),
        "elbv2.describe_load_balancers": {"LoadBalancers": [{"LoadBalancerArn": f"{balancer}/app/front/1", "LoadBalancerName": "front", "VpcId": "vpc-f"}]},
        "elb.describe_load_balancers": {"LoadBalancerDescriptions": [{"LoadBalancerName": "old", "VPCId": "vpc-f"}]},
        "resourcegroupstaggingapi.get_resources": {"ResourceTagMappingList": [
            {"ResourceARN": function, "Tags": o.tag_list(environment="production", **said)},
            {"ResourceARN": f"{balancer}/old", "Tags": o.tag_list(environment="test", **said)}]},
        "lambda.get_policy": o.per("FunctionName", {function: {"Policy": o.document(o.allow({"AWS": o.root_of(o.OUTSIDER)}, "lambda:InvokeFunction"))},
            **dict.fromkeys((function.replace("refunds", name) for name in ("probe", MADE)), o.refusal("ResourceNotFoundException"))}),
        "sqs.list_queues": {"QueueUrls": [f"https://sqs/{account}/{name}" for name in ("open", "own")]},
        "sqs.get_queue_attributes": [{"request": {"QueueUrl": f"https://sqs/{account}/{name}", "AttributeNames": ["Policy", "KmsMasterKeyId"]}, "response": {"Attributes": said}}
            for name, said in (("open", {"Policy": o.document(o.allow("*", "sqs:SendMessage"))}), ("own", {}))],
        "sns.list_topics": {"Topics": [{"TopicArn": f"arn:aws:sns:{me}:{name}"} for name in ("open", "own")]},
        "sns.get_topic_attributes": o.per("TopicArn", {
            f"arn:aws:sns:{me}:open": {"Attributes": {"Policy": o.document(o.allow({"AWS": "*"}, "sns:Publish"))}},
            f"arn:aws:sns:{me}:own": {"Attributes": {"Policy": o.document(o.allow({"AWS": "*"}, "sns:Publish", Condition={"StringEquals": {"AWS:SourceOwner": account}}))}}}),
    }  # fmt: skip
    for call, answer in part.items():
        found[account, region, call] = answer
