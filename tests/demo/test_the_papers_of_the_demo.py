from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx2
from support.server import Installation

from kronika.demo.papers import PAPERS, Paper


def test_the_demo_company_has_documents_paid_unpaid_and_overdue_and_its_timelines_tell_of_them(
    installation: Installation,
):
    headers = {"Authorization": f"Bearer {installation.start('--demo')['token']}"}

    def get(path: str) -> Any:
        answer = httpx2.get(installation.api + path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    papers = [paper for paper in PAPERS if isinstance(paper, Paper)]
    shown = {paper.number: get(f"/documents/{paper.type}/{paper.document_id}") for paper in papers}
    assert {number: document["paymentStatus"] for number, document in shown.items()} == {
        "20260041": "paid", "20260042": "overdue", "CP-2026-011": None, "20260043": "partially_paid",
        "FV2604417": "unpaid", "20260044": "paid", "D-2026-003": "unpaid", "OBJ-2026-019": None,
    }  # fmt: skip

    told = {
        target: get(f"/contact-activity-logs?perPage=100&{target}")["data"]
        for target in {
            f"businessCaseId={document['businessCaseId']}"
            if document["businessCaseId"]
            else f"clientId={document['clientId']}"
            if document["clientId"]
            else f"supplierId={document['supplierId']}"
            for document in shown.values()
        }
    }
    events = [event for page in told.values() for event in page]
    created = [event["metadata"]["relatedDocument"] for event in events if event["type"] == "document_created"]
    assert sorted(document["number"] for document in created) == sorted(shown)
    paid = [event["metadata"]["paidAmount"] for event in events if event["type"] == "document_payment_added"]
    assert sorted(paid) == [14.9, 200, 318]
    # What has happened has happened, and each timeline tells it in its order.
    now = datetime.now(UTC)
    assert all(datetime.fromisoformat(event["createdAt"]) < now for event in events)
    for page in told.values():
        assert [event["createdAt"] for event in page] == sorted((e["createdAt"] for e in page), reverse=True)
