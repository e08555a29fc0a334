"""Every address of the API, and the one document that describes them."""

from __future__ import annotations

from ninja import NinjaAPI

from varde.web.api import cds_hooks, content, fhir, frame, problem_pages, publications, schemas
from varde.web.api.description import TEXT, add_description

api = NinjaAPI(
    title="Varde: the antibiotic guideline",
    version="1",
    description=TEXT,
    openapi_url=None,  # add_description has the document, with the schemas of what is served
    docs_url=None,
    urls_namespace="api",
    servers=[{"url": "/", "description": "This service"}],
    openapi_extra={
        "info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "tags": [
            {"name": "Innhold", "description": "Objects of the guideline and their versions"},
            {"name": "FHIR", "description": "The same as FHIR R4; /fhir/metadata says the rest"},
            {"name": "CDS Hooks", "description": "Advice for one patient; nothing is kept"},
            {"name": "Problemer", "description": "What refusals mean"},
            {"name": "Beskrivelse", "description": "This description"},
        ],
    },
)
api.add_router("", content.router)
api.add_router("", publications.router)
api.add_router("", problem_pages.router)
api.add_router("", fhir.router)
api.add_router("", cds_hooks.router)
SCHEMAS = (schemas.components(),)
"""What the description's references lead to."""

add_description(api, *SCHEMAS)

urls = frame.surround(api)
