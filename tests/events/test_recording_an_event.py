from __future__ import annotations

from support.api import Api


async def test_a_note_is_found_on_the_clients_timeline_exactly_as_it_was_answered(api: Api):
    client_id = await api.new_client()
    response = await api.record(clientId=client_id, metadata={"content": "They accept"})
    assert response.status_code == 201
    assert (await api.get(f"/contact-activity-logs/{response.json()['id']}")).content == response.content
    assert (await api.timeline(clientId=client_id))["data"] == [response.json()]
