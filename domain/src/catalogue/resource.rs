//! The resources of a catalogue, and which of them may be served to the public.

use crate::{
    CaseId, Resource, ResourceId,
    case::CaseState,
    resource::{ResourceContents, ResourceState},
};
use jiff::Timestamp;

use super::Catalogue;

impl Catalogue {
    /// Every resource, including those that are not served to the public.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    /// The resource with this identity.
    #[must_use]
    pub fn resource(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.get(&id)
    }

    /// The resources about a case.
    pub fn resources_about(&self, case: CaseId) -> impl Iterator<Item = &Resource> {
        self.resources().filter(move |resource| resource.case_id == Some(case))
    }

    /// Whether the resource may be served to the public at `now`. It must be offered. If it is about a case,
    /// that case must be published. If it may carry an address of the case, the same rule applies as for the
    /// address itself.
    #[must_use]
    pub fn serves_resource(&self, resource: &Resource, now: Timestamp) -> bool {
        let of_case = || match resource.case_id {
            None => true,
            Some(case) => self.case(case).is_some_and(|case| match resource.kind.carries() {
                ResourceContents::Nothing => case.state == CaseState::Published,
                ResourceContents::Address | ResourceContents::PerhapsAddress => {
                    self.serves_addresses(case, None, now)
                }
            }),
        };
        resource.state == ResourceState::Offered && of_case()
    }
}
