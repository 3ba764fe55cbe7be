"""人工意见: what an office says of a parcel under a rule, beside the computed verdict and never in its place."""

from __future__ import annotations

from geo.fields.columns import Column, Kind

#: what the office holds: that the parcel should change use by the rule, that it should not, that this is still open
OPINION = {"agree": ("同意",), "disagree": ("不同意",), "pending": ("待定",)}
#: how an opinion stands to the computed verdict
DIFFERS = {
    "yes": ("是",),
    "no": ("否",),
    "office_only": ("系统待查，人工已定",),
    "pending": ("人工待定",),
}

OPINIONS = Kind(
    name="opinions",
    zh="人工意见",
    key=("rule", "parcel_code"),
    columns=(
        Column("rule", "规则", "text", required=True, note="the rule of the policy that the opinion is about"),
        Column("parcel_code", "地块编号", "text", required=True, aliases=("DKBH", "地块编码")),
        Column(
            "opinion",
            "人工意见",
            "choice",
            choices=OPINION,
            note="同意: the parcel should change use by this rule; 不同意: it should not; 待定: open",
        ),
        Column("opinion_reason", "意见理由", "text", aliases=("人工理由",)),
        Column(
            "survey_result",
            "踏勘结果",
            "text",
            note="what was found on the spot; kept beside the facts and never written into them",
        ),
        Column("opinion_by", "填写人", "text", note="who holds it; where nobody is named, who imported it"),
        Column("opinion_on", "填写日期", "date", note="when it was given; where no day is named, that of the import"),
        Column(
            "opinion_basis",
            "所据清单",
            "text",
            note="the run or the state of the data that the list showed on which it was given",
        ),
        Column(
            "verdict_then",
            "当时判定",
            "text",
            note="what that list said of the parcel: candidate, unknown or no",
        ),
    ),
)

#: what the list of candidates shows of an opinion, in this order
SHOWN = ("opinion", "opinion_reason", "survey_result", "opinion_by", "opinion_on")
