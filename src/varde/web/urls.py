"""Every address of the service."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from varde.web.api import earlier_analyses, routes
from varde.web.intake import administrations, fhir, receiving, token
from varde.web.pages import (
    about,
    access_log,
    access_request,
    area_map,
    codes,
    data_quality,
    guideline,
    health,
    laboratory,
    lookup,
    notification,
    notification_known,
    overview,
    persons,
    persons_apart,
    prevalence,
    provider_signing,
    quarantine,
    quarantine_item,
    registers,
    report,
    resistance,
    signing,
    start,
    surgery,
)
from varde.web.pages.followup import (
    area,
    case,
    contacts,
    contacts_today,
    desk,
    events,
    hospitals,
    inbox,
    line_list,
    times,
    unknown_positives,
    whose,
)


class Number(IntConverter):
    """The number of something in the register: no more digits than a database takes."""

    regex = "[0-9]{1,18}"


class Year(IntConverter):
    """A year of this century."""

    regex = "20[0-9]{2}"


register_converter(Number, "number")
register_converter(Year, "year")

urlpatterns = [
    path("", start.show, name="start"),
    path("logg-inn/", signing.sign_in, name="sign-in"),
    path("logg-inn/ekstern/", provider_signing.start, name="sign-in-provider"),
    path("logg-inn/ekstern/retur/", provider_signing.come_back, name="sign-in-return"),
    path("logg-inn/rolle/", provider_signing.choose, name="sign-in-role"),
    path("logg-ut/", signing.sign_out, name="sign-out"),
    path("logg-ut/ekstern/", provider_signing.end, name="sign-out-provider"),
    path("antibiotika/", guideline.find, name="guideline"),
    path("antibiotika/kapittel/<slug:slug>/", guideline.show_chapter, name="guideline-chapter"),
    path(
        "antibiotika/<slug:slug>/", guideline.show_recommendation, name="guideline-recommendation"
    ),
    path("antibiotika/<slug:slug>/versjoner/", guideline.show_versions, name="guideline-versions"),
    path("resistens/", resistance.show, name="resistance"),
    path("resistens/tabell.csv", resistance.download_csv, name="resistance-csv"),
    path("resistens/tabell.parquet", resistance.download_parquet, name="resistance-parquet"),
    path("oversikt/", overview.show, name="overview"),
    path("oversikt/tabell.csv", overview.download_csv, name="overview-csv"),
    path("oversikt/tabell.parquet", overview.download_parquet, name="overview-parquet"),
    path("datakvalitet/", data_quality.show, name="data-quality"),
    path("laboratorium/", laboratory.show, name="laboratory"),
    path("laboratorium/kode/", codes.show, name="laboratory-code"),
    path("karantene/", quarantine.show, name="quarantine"),
    path("karantene/<number:item>/", quarantine_item.show, name="quarantine-item"),
    path(
        "karantene/<str:apart>/<number:item>/", quarantine_item.show, name="quarantine-item-apart"
    ),
    path("meld/", notification.show, name="notification"),
    path("meld/kvittering/<str:numbers>/", notification.show_receipt, name="notification-receipt"),
    path("meld/levert/", notification.show_own, name="notification-handed-in"),
    path("meld/rett/", notification.correct, name="notification-correct"),
    path("meld/kjent/", notification_known.show, name="notification-known"),
    path("oppslag/", lookup.show, name="lookup"),
    path("nois/piah/", prevalence.show, name="prevalence"),
    path("nois/piah/fil/", prevalence.receive_file, name="prevalence-file"),
    path("nois/piah/mal/<slug:key>.csv", prevalence.download_template, name="prevalence-template"),
    path("nois/piah/kvittering/<str:numbers>/", prevalence.show_receipt, name="prevalence-receipt"),
    path("nois/piah/levert/", prevalence.show_own, name="prevalence-handed-in"),
    path("nois/piah/rett/", prevalence.correct, name="prevalence-correct"),
    path("nois/posi/", surgery.show, name="surgery"),
    path("nois/posi/fil/", surgery.receive_file, name="surgery-file"),
    path("nois/posi/mal/<slug:key>.csv", surgery.download_template, name="surgery-template"),
    path("nois/posi/kvittering/<str:numbers>/", surgery.show_receipt, name="surgery-receipt"),
    path("nois/posi/levert/", surgery.show_own, name="surgery-handed-in"),
    path("nois/posi/rett/", surgery.correct, name="surgery-correct"),
    path("rapport/", report.show, name="report"),
    path("rapport/<year:year>/", report.show_year, name="report-year"),
    path("rapport/<year:year>/rapport.pdf", report.download, name="report-document"),
    path("rapport/<year:year>/mal/", report.pick_goal, name="report-goal"),
    path("rapport/<year:year>/feil/", report.keep_remark, name="report-remark"),
    path("rapport/<year:year>/samtykke/", report.decide_consent, name="report-consent"),
    path("rapport/<year:year>/<str:unit>/", report.show_year, name="report-year-of"),
    path("rapport/<year:year>/<str:unit>/rapport.pdf", report.download, name="report-document-of"),
    path("innboks/", inbox.show, name="inbox"),
    path("innboks/omrade/", area.show, name="inbox-area"),
    path("kart/", area_map.show, name="map"),
    path("innboks/<number:thread>/", inbox.act, name="inbox-act"),
    path("sak/<number:number>/", case.show, name="case"),
    path("sak/<number:number>/hvem/", whose.show, name="case-whose"),
    path("sak/<number:number>/kontakter/", contacts.of_case, name="case-contacts"),
    path("hendelser/", events.show_all, name="events"),
    path("hendelser/<number:number>/", events.show, name="event"),
    path("hendelser/<number:number>/kontakter/", contacts.of_event, name="event-contacts"),
    path("hendelser/<number:number>/linjeliste/", line_list.show, name="event-lines"),
    path("hendelser/<number:number>/linjeliste.csv", line_list.download, name="event-lines-csv"),
    path("kontakter/", contacts_today.show, name="contacts-today"),
    path("vakt/", desk.show, name="desk"),
    path("vakt/<number:thread>/", desk.act, name="desk-act"),
    path("vakt/sykehus/", hospitals.show, name="desk-hospitals"),
    path("vakt/ukjente/", unknown_positives.see, name="desk-unknown"),
    path("tider/", times.show, name="times"),
    path("personer/", persons.show, name="persons"),
    path("personer/<number:number>/", persons.show_question, name="persons-question"),
    path("personer/skill-og-samle/", persons_apart.show, name="persons-apart"),
    path("tilgangslogg/", access_log.show, name="access-log"),
    path("innsyn/", access_request.show, name="access-request"),
    path("om/", about.show, name="about"),
    path("sprak/", require_POST(set_language), name="language"),
    path("helse/", health.show, name="health"),
    path("healthz", health.show, name="healthz"),
    path("readyz", health.show_readiness, name="readyz"),
    path("metrics", health.show_metrics, name="metrics"),
    *registers.addresses,
    *token.addresses,
    *receiving.addresses,
    *fhir.addresses,
    *administrations.addresses,
    *earlier_analyses.addresses,
    path("", routes.urls),
]

handler403 = "varde.web.pages.errors.forbidden"
handler404 = "varde.web.pages.errors.not_found"
handler500 = "varde.web.pages.errors.server_error"
