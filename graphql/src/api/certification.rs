//! Certifications of totals, and the corrections after them.

use async_graphql::{Context, ID, InputObject, Object};
use data_encoding::HEXLOWER;
use domain::{CampaignId, EditionId, SectionId, Violations, certification};

use super::{
    AppState, RequestContext,
    error::ApiError,
    id,
    payload::payloads,
    scalar::{Count, DateTime},
    section::Section,
    total::LetterCounts,
};
use crate::ledger::CertifyTotal;

/// A certification, the corrections after it, and the context they are read in.
pub(crate) struct Certification<'a> {
    request: &'a RequestContext,
    certification: &'a certification::Certification,
    corrections: Vec<certification::Correction>,
}

/// A certified total: its rows at one version, which never change, and the corrections since. The rows are served at
/// `/open-data/{year}/certified.ndjson`, or `/open-data/{year}/{section}/certified.ndjson` for a campaign that was
/// certified by itself.
#[Object(serial)]
impl<'a> Certification<'a> {
    /// The section whose campaign was certified; null for the whole edition.
    async fn section(&self) -> Option<Section<'a>> {
        let section = self.request.catalogue.section(self.certification.section_id?)?;
        Some(Section::new(self.request, section))
    }

    /// The certified version of the edition's count.
    async fn version(&self) -> Count {
        self.certification.version.into()
    }

    /// The SHA-256 hash of the certified rows in their canonical form: `sha256:` and 64 hexadecimal digits. `w4r verify`
    /// recomputes it.
    async fn hash(&self) -> String {
        format!("sha256:{}", HEXLOWER.encode(&self.certification.hash))
    }

    /// When it was certified.
    async fn certified_at(&self) -> DateTime {
        self.certification.certified_at.into()
    }

    /// The changes since, oldest first, one for each section that a change concerns.
    async fn corrections(&self) -> Vec<Correction<'a>> {
        let corrections = self.corrections.iter().cloned();
        corrections.map(|correction| Correction { request: self.request, correction }).collect()
    }
}

impl<'a> Certification<'a> {
    /// A certification in the context of the viewer.
    pub(crate) const fn new(
        request: &'a RequestContext,
        certification: &'a certification::Certification,
        corrections: Vec<certification::Correction>,
    ) -> Self {
        Self { request, certification, corrections }
    }
}

/// A correction and the context it is read in.
pub(crate) struct Correction<'a> {
    request: &'a RequestContext,
    correction: certification::Correction,
}

/// A change of a certified total in one section.
#[Object(serial)]
impl<'a> Correction<'a> {
    /// The section; null if unknown.
    async fn section(&self) -> Option<Section<'a>> {
        let section = self.request.catalogue.section(self.correction.section_id)?;
        Some(Section::new(self.request, section))
    }

    /// The version of the edition's count that the change made.
    async fn version(&self) -> Count {
        self.correction.version.into()
    }

    /// The reason for the change.
    async fn reason(&self) -> &str {
        &self.correction.reason
    }

    /// When it was made.
    async fn corrected_at(&self) -> DateTime {
        self.correction.corrected_at.into()
    }

    /// The total of the section before it.
    async fn before(&self) -> LetterCounts {
        self.correction.before.into()
    }

    /// The total of the section after it.
    async fn after(&self) -> LetterCounts {
        self.correction.after.into()
    }
}

/// Input for certifying the total of an edition.
#[derive(Debug, InputObject)]
struct EditionCertifyInput {
    /// The global id of the edition.
    id: ID,
    /// The `version` of the total that you read. The mutation fails with `STALE_REVISION` if the edition has been
    /// counted anew since.
    expected_version: Count,
}

/// Input for certifying the total of a campaign.
#[derive(Debug, InputObject)]
struct CampaignCertifyInput {
    /// The global id of the campaign.
    id: ID,
    /// The `version` of the total that you read. The mutation fails with `STALE_REVISION` if the edition has been
    /// counted anew since.
    expected_version: Count,
}

/// The result of a certification, or validation errors.
pub(super) struct Outcome {
    request: RequestContext,
    outcome: Result<certification::Certification, Violations>,
}

payloads! {
    Outcome, [outcome], {
        /// The certification; null if there are `userErrors`.
        async fn certification(&self) -> Option<Certification<'_>> {
            let certification = self.0.outcome.as_ref().ok()?;
            Some(Certification::new(&self.0.request, certification, Vec::new()))
        }
    }

    /// The result of certifying an edition.
    EditionCertifyPayload;

    /// The result of certifying a campaign.
    CampaignCertifyPayload;
}

/// The mutations that certify totals.
#[derive(Default)]
pub(crate) struct CertificationMutation;

#[Object(serial)]
impl CertificationMutation {
    /// Certifies the worldwide total of an edition, once every campaign in it is over. A recount has to equal the
    /// counters. What changes afterwards is a correction with its reason. Requires an administrator key.
    async fn edition_certify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edition and its version.")] input: EditionCertifyInput,
    ) -> Result<Option<EditionCertifyPayload>, ApiError> {
        RequestContext::of(ctx).administrator()?;
        let edition = id::or_nil(id::edition(&input.id), EditionId::new);
        certify(ctx, edition, None, input.expected_version).await.map(EditionCertifyPayload).map(Some)
    }

    /// Certifies the total of a campaign, once it is over. A recount has to equal the counters. What changes afterwards
    /// is a correction with its reason. Requires an administrator key, or the key of the section.
    async fn campaign_certify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The campaign and its version.")] input: CampaignCertifyInput,
    ) -> Result<Option<CampaignCertifyPayload>, ApiError> {
        let request = RequestContext::of(ctx);
        let staff = request.staff()?;
        let campaign = request.catalogue.campaign(id::or_nil(id::campaign(&input.id), CampaignId::new));
        // For the key of another section the campaign does not exist.
        let campaign =
            campaign.filter(|campaign| staff.section.is_none_or(|section| section == campaign.section_id));
        let nowhere = (EditionId::new(uuid::Uuid::nil()), SectionId::new(uuid::Uuid::nil()));
        let (edition, section) =
            campaign.map_or(nowhere, |campaign| (campaign.edition_id, campaign.section_id));
        let certified = certify(ctx, edition, Some(section), input.expected_version);
        certified.await.map(CampaignCertifyPayload).map(Some)
    }
}

async fn certify(
    ctx: &Context<'_>,
    edition: EditionId,
    section: Option<SectionId>,
    version: Count,
) -> Result<Outcome, ApiError> {
    let (context, request) = (AppState::of(ctx), RequestContext::of(ctx));
    // What is no version is never the present one.
    let expected_version = version.whole().unwrap_or(u64::MAX);
    let key = request.staff()?.key;
    let certification = CertifyTotal { edition, section, expected_version, key, now: request.now };
    let outcome = request.ledger(context).certify(certification).await?;
    Ok(Outcome { request: request.after_change(context), outcome })
}
