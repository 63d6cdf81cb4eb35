//! Import of resources. A file publishes resources; it does not publish retired ones again.

use domain::{
    EditionId, ResourceId,
    resource::{self, ResourceState},
    violation::EntityKind,
};

use super::{format, plan::ImportPlanner, source_location::JsonPath};

impl ImportPlanner<'_> {
    /// Plans a resource, which is identified by what it belongs to and by its URL.
    pub(super) fn resource(&mut self, edition: EditionId, path: &JsonPath, input: &format::Resource) {
        let case = match &input.case {
            None => None,
            Some(slug) => match self.case_called(edition, &path.field("case"), slug) {
                None => return,
                case => case,
            },
        };
        let url = domain::resource::url(&input.url).unwrap_or_else(|_| input.url.clone());
        let name = format!("{} {url}", input.case.as_deref().unwrap_or_default());
        if !self.once(EntityKind::Resource, edition, &path.field("url"), &name) {
            return;
        }
        let draft = input.draft(edition, case);
        let same = self
            .catalogue()
            .resources()
            .filter(|known| known.edition_id == Some(edition) && known.case_id == case && known.url == url);
        // Of several with the same URL at most one is published. It sorts first and is the one to change.
        let known = same.min_by_key(|known| known.state).cloned();
        let result = match known {
            None => {
                self.plan.resources.added += 1;
                let id = ResourceId::new(self.fresh());
                resource::add(self.revising, id, &draft)
            }
            Some(before) if before.state == ResourceState::Retired => {
                self.plan.resources.unchanged += 1;
                self.note(path, "The resource was retired here and stays so.".to_owned());
                Ok(before)
            }
            Some(before) if draft.changes(self.catalogue(), &before) => {
                self.plan.resources.changed += 1;
                resource::change(self.revising, before.id, before.revision, &draft)
            }
            Some(before) => {
                self.plan.resources.unchanged += 1;
                Ok(before)
            }
        };
        self.accept(path, result);
    }
}
