//! Input of a group, as typed.

use super::{GroupContent, GroupKind};
use crate::{
    CampaignId, EventId, GroupId, Section,
    campaign::goal,
    draft::{Fields, Patch},
    fingerprint::{self, Canonical},
    number::{CountDraft, headcount},
    text::{self, Region},
    violation::{ViolationKind, Violations},
};

/// A group as typed: whole when it is new, in part when it is changed. An absent field leaves the value unchanged.
///
/// ```
/// let draft = domain::group::GroupDraft::default();
/// assert!(draft.is_public.is_none(), "a draft makes nothing public by itself");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `GroupContent`, as typed")]
pub struct GroupDraft {
    pub kind: Option<GroupKind>,
    pub name: Option<String>,
    pub size: Patch<CountDraft>,
    pub letter_goal: Patch<CountDraft>,
    /// Only of a new group: where its letters are counted stays the same.
    pub region: Option<String>,
    pub is_public: Option<bool>,
}

impl GroupDraft {
    /// The content of the group after this draft. Fields that it leaves out stay as they were `before`.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(
        &self,
        before: Option<&GroupContent>,
        section: &Section,
    ) -> Result<GroupContent, Violations> {
        let mut fields = Fields::new(before);
        let kind = fields.required("kind", self.kind.map(Ok), |was| was.kind);
        let name = self.name.as_deref().map(text::line);
        let name = fields.required("name", name, |was| was.name.clone());
        let size = fields.number("size", &self.size, headcount, |was| was.size);
        let letter_goal = fields.number("letter_goal", &self.letter_goal, goal, |was| was.letter_goal);
        let region = match (before, &self.region) {
            (Some(before), _) => before.region.clone(),
            (None, None) => None,
            (None, Some(typed)) => fields.violations.check("region", Region::parse(typed)),
        };
        if let (Some(region), Some(country), None) = (&region, &section.country, before)
            && region.country() != *country
        {
            fields.violations.add("region", ViolationKind::RegionOutsideCountry);
        }
        fields.violations.into_result()?;
        let (Some(kind), Some(name)) = (kind, name) else {
            unreachable!("a value is missing only beside a violation");
        };
        let is_public = self.is_public.unwrap_or_else(|| before.is_some_and(|before| before.is_public));
        Ok(GroupContent { kind, name, size, letter_goal, region, is_public })
    }

    /// The fingerprint of the registration of a group; `previous` says which earlier group continues in it. Its labels are stored in hashed form: they must never change.
    #[must_use]
    pub fn fingerprint(
        &self,
        campaign: CampaignId,
        event: Option<EventId>,
        parent: Option<GroupId>,
        previous: Option<&str>,
    ) -> [u8; 32] {
        fingerprint::of(&[&"group", &campaign, &event, &parent, &previous, self])
    }
}

impl Canonical for GroupDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[
                ("kind", &self.kind),
                ("name", &self.name),
                ("size", &self.size),
                ("letter_goal", &self.letter_goal),
                ("region", &self.region),
                ("public", &self.is_public),
            ],
        );
    }
}
