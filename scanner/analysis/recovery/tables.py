"""Tables of the analysis."""

from __future__ import annotations

from scanner.snapshot.schema import table

STORES = table(
    "data_stores",
    "Everything that holds data: RDS instances and clusters (members and read replicas belong to theirs), tables, buckets, volumes.",
    """
        arn string ARN.
        name string Name.
        type string database, cluster, dynamodb_table, bucket or volume.
        environment string Its environment; that of its instance or account where nothing else says so.
        workload string Its workload.
    """,
)
COPIES = table(
    "store_copies",
    "Copies that are known, wherever they lie, and those that may be there but could not be seen.",
    """
        store_arn string Data store it is a copy of, whether that still exists or not.
        copy_arn string ARN of the copy; what it is of a data store that has no ARN for it.
        kind string recovery_point, snapshot, automated_backup, point_in_time, table_backup, replica or replication.
        created_at time When it was made, or how far it reaches; NULL when not known.
        complete bool It can be restored from; NULL when that is not known.
        status string Its state as AWS says it.
        key_arn string Key that encrypts it; NULL for none, or one that belongs to AWS.
        key_unknown string Why the key is not known; NULL when it is.
        vault_arn string Vault it lies in; NULL outside AWS Backup.
        parent_arn string Composite recovery point it belongs to.
        shared_with strings Accounts it is shared with.
        unseen string Call that would show whether it exists; NULL for what was seen.
    """,
)
KEEPER_GAPS = table(
    "keeper_gaps",
    "Accounts that may keep copies of an account's data and whose copies were not read.",
    """
        keeper_id string Account that may keep them; NULL where any account may.
        call string Call that would settle it.
        reason string Why it was not read.
    """,
)
SURVIVAL = table(
    "survival",
    "What becomes of every copy of a data store when the account of the data store is lost. account_id and region are the store's.",
    """
        store_arn string Data store.
        copy_arn string Copy.
        copy_account_id string Account that owns the copy.
        kind string As in store_copies.
        created_at time When it was made, or how far it reaches.
        key_arn string Key that encrypts it.
        key_account_id string Account of that key.
        immutable bool Nobody can delete it before its time: compliance lock past its grace time, air-gapped vault, object lock.
        fate string survives, dies or unknown.
        why string One sentence with the evidence.
        chain strings How it can be destroyed, a sentence a step.
        cause string What decides it: complete, own_account, closing, key, key_state, radius, not_reachable, unseen, gap, or elsewhere.
        key_fate string What its key alone would make of it; NULL where something else had decided before.
        reach_fate string What whoever holds the lost account could make of it, its key left aside; NULL likewise.
        reach_chain strings How, a sentence a step.
    """,
)
