"""The tables this analysis makes."""

from scanner.snapshot.schema import table

NETWORK_PATHS = table(
    "network_paths",
    "Connections that are not denied: of anybody to a database, and of a lower environment to a production workload "
    "over a connection of VPCs. Clients that the network cannot tell apart and that are for the same are one row. "
    "Of the clients of one workload over one connection, a few rows stand for all.",
    """
        account_id string Account of the target.
        region string Region of the target.
        source_arn string First of the clients, or `internet`; NULL: who it is was not read.
        source_account_id string Account of the clients; NULL: of the internet, or of anybody.
        source_workload string Workload of the clients.
        source_environment string Environment of the clients.
        members int Clients this row stands for; 0 where nobody knows.
        target_arn string Database, or first of the instances.
        target_account_id string Account of the target.
        target_workload string Workload of the target.
        target_environment string Environment of the target.
        target_kind string database or workload.
        protocol string tcp or udp.
        port int Port; of a workload the first that is open. NULL: not known.
        verdict string allow, conditional (on something AWS does not tell) or unknown (something was not read).
        via string same_vpc, shared_subnet, peering, transit_gateway, private_link or internet; NULL: not known.
        via_id string The VPC, peering, transit gateway or endpoint service.
        admitted_by strings Groups, ranges or prefix lists of the rules that admit them.
        reasons strings Why, hop by hop, or the call that would tell.
    """,
)
PEERING_USES = table(
    "peering_uses",
    "What a peering effectively lets through: ends behind it that somebody on the other side can open a connection to.",
    """
        account_id string Account of the target.
        region string Region of the target.
        peering_id string Peering.
        target_arn string Database, instance or interface.
        protocol string tcp or udp.
        from_port int First port of the rule.
        to_port int Last port of the rule.
        is_database bool The target is a database, or the rule is for the port of one.
        source_arn string One who can; NULL: not known.
        verdict string allow, conditional or unknown.
    """,
)
