"""A namespace made ready for runs: who the server is, what runs publish, and for how long closed ones are kept.

Invariant: all of it is repeatable, on a development server as on a cluster; what is there already stays. Fails with
``RPCError`` as the server puts it: without rights, or where an attribute has another type.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetClusterInfoRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from console.tower import wire

# Consoles keep what was decided for as long, and may want to read it back until then.
KEPT_FOR = timedelta(days=90)
_TYPES = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


async def identify(client: Client) -> str:
    """The server's own identity: cluster and namespace, by their ids."""
    cluster = await client.workflow_service.get_cluster_info(GetClusterInfoRequest())
    named = DescribeNamespaceRequest(namespace=client.namespace)
    namespace = await client.workflow_service.describe_namespace(named)
    return wire.server_identity(cluster.cluster_id, namespace.namespace_info.id)


async def setup_namespace(client: Client) -> tuple[str, ...]:
    """Register the search attributes that are missing; returns their names. Needs the rights of an operator."""
    asked = ListSearchAttributesRequest(namespace=client.namespace)
    known = await client.operator_service.list_search_attributes(asked)
    missing = {
        name: _TYPES[kind] for name, kind in wire.SEARCH_ATTRIBUTES.items() if name not in known.custom_attributes
    }
    if missing:
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            # Another worker that starts at the same moment may have been first.
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
    return tuple(missing)


async def keep_closed_runs(client: Client, at_least: timedelta = KEPT_FOR) -> timedelta:
    """Have the server keep closed runs for that long at least; returns how long it does. A longer time stays.

    What became of a decision is read back from its run, which may close right after it.
    """
    named = DescribeNamespaceRequest(namespace=client.namespace)
    described = await client.workflow_service.describe_namespace(named)
    kept_for = described.config.workflow_execution_retention_ttl.ToTimedelta()
    if kept_for >= at_least:
        return kept_for
    request = UpdateNamespaceRequest(namespace=client.namespace)
    request.config.workflow_execution_retention_ttl.FromTimedelta(at_least)
    await client.workflow_service.update_namespace(request)
    return at_least


async def prepare(address: str, namespace: str, *, tls: bool = False, api_key: str = "") -> tuple[str, ...]:
    """Connect, :func:`setup_namespace` and :func:`keep_closed_runs`.

    Raises :class:`ConnectionError` with the reason why it could not be done.
    """
    try:
        client = await Client.connect(address, namespace=namespace, tls=tls or bool(api_key), api_key=api_key or None)
        added = await setup_namespace(client)
        await keep_closed_runs(client)
        return added
    except (RuntimeError, RPCError) as error:
        raise ConnectionError(f"The namespace “{namespace}” at {address} could not be prepared: {error}") from error
