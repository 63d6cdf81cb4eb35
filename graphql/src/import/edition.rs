//! Import of an edition and of everything that belongs to it.

use domain::{
    CampaignId, Edition, EditionId, SectionId, Violation, campaign, edition, published, section,
    violation::EntityKind,
};

use super::{
    ImportPart, format,
    plan::{ANY, ImportPlanner},
    source_location::JsonPath,
};

impl ImportPlanner<'_> {
    pub(super) fn part(&mut self, part: &ImportPart) {
        let (path, edition) = &part.edition;
        let edition = self.edition(path, edition);
        for (path, section) in &part.sections {
            self.section(path, section);
        }
        // Everything else belongs to the edition, whose errors are reported already.
        let Some(edition) = edition else {
            return;
        };
        for (path, case) in &part.cases {
            if self.once(EntityKind::Case, edition.id, &path.field("slug"), &case.slug) {
                self.case(edition.id, path, case);
            }
        }
        for (path, resource) in &part.resources {
            self.resource(edition.id, path, resource);
        }
        for (path, campaign) in &part.campaigns {
            self.campaign(edition.id, path, campaign);
        }
        if let Some((path, figures)) = &part.figures {
            self.figures(edition.id, path, figures);
        }
        for (path, statement) in &part.statements {
            self.statement(edition.id, path, statement);
        }
        for (path, report) in &part.reports {
            self.report(edition.id, path, report);
        }
    }

    fn edition(&mut self, path: &JsonPath, input: &format::Edition) -> Option<Edition> {
        if !self.once(EntityKind::Edition, ANY, &path.field("year"), &input.year.to_string()) {
            return None;
        }
        let draft = input.draft();
        let year = i16::try_from(input.year).ok();
        let Some(before) = year.and_then(|year| self.catalogue().edition_by_year(year)).cloned() else {
            let id = EditionId::new(self.fresh());
            let created = edition::create(self.revising, id, &draft);
            self.plan.editions.added += 1;
            return self.accept(path, created);
        };
        if !draft.changes(self.catalogue(), &before) {
            self.plan.editions.unchanged += 1;
            return Some(before);
        }
        let changed = edition::change(self.revising, before.id, before.revision, &draft);
        self.plan.editions.changed += 1;
        self.accept(path, changed)
    }

    fn section(&mut self, path: &JsonPath, input: &format::Section) {
        if !self.once(EntityKind::Section, ANY, &path.field("code"), &input.code) {
            return;
        }
        let draft = input.draft();
        let result = match self.catalogue().section_by_code(&input.code).cloned() {
            None => {
                self.plan.sections.added += 1;
                let id = SectionId::new(self.fresh());
                section::create(self.revising, id, &input.code, &draft)
            }
            Some(before) if draft.changes(&before) => {
                self.plan.sections.changed += 1;
                section::change(self.revising, before.id, before.revision, &draft)
            }
            Some(before) => {
                self.plan.sections.unchanged += 1;
                Ok(before)
            }
        };
        self.accept(path, result);
    }

    fn campaign(&mut self, edition: EditionId, path: &JsonPath, input: &format::Campaign) {
        let section_path = path.field("section");
        if !self.once(EntityKind::Campaign, edition, &section_path, &input.section) {
            return;
        }
        let section = self.catalogue().section_by_code(&input.section).map(|section| section.id);
        let Some(section) = self.known(EntityKind::Section, ANY, &section_path, &input.section, section)
        else {
            return;
        };
        let mut all_known = true;
        let cases = input.cases.as_ref().map(|slugs| {
            let cases = slugs.iter().enumerate().filter_map(|(index, slug)| {
                let case = self.case_called(edition, &path.field("cases").entry(index), slug);
                all_known &= case.is_some();
                case
            });
            cases.collect()
        });
        if !all_known {
            return;
        }
        let draft = input.draft(cases);
        let result = match self.catalogue().campaign_of(edition, section).cloned() {
            None => {
                self.plan.campaigns.added += 1;
                let id = CampaignId::new(self.fresh());
                campaign::create(self.revising, id, edition, section, &draft)
            }
            Some(before) if draft.changes(self.catalogue(), &before) => {
                self.plan.campaigns.changed += 1;
                campaign::change(self.revising, before.id, before.revision, &draft)
            }
            Some(before) => {
                self.plan.campaigns.unchanged += 1;
                Ok(before)
            }
        };
        self.accept(path, result);
    }

    fn figures(&mut self, edition: EditionId, path: &JsonPath, inputs: &[format::Figure]) {
        let mut drafts = Vec::with_capacity(inputs.len());
        for (index, input) in inputs.iter().enumerate() {
            let path = path.entry(index);
            let section = input.section.as_deref().map(|code| {
                let section = self.catalogue().section_by_code(code).map(|section| section.id);
                self.known(EntityKind::Section, ANY, &path.field("section"), code, section)
            });
            let case = input.case.as_deref().map(|slug| self.case_called(edition, &path.field("case"), slug));
            drafts.push(input.draft(section.flatten(), case.flatten()));
        }
        let figures = published::read_figures(&drafts).map_err(|broken| {
            // Their paths begin with the mutation's field, which has another name in the file.
            let below =
                |violation: Violation| Violation::at(violation.path.into_iter().skip(1), violation.rule);
            broken.into_iter().map(below).collect()
        });
        let Some(figures) = self.accept(path, figures) else {
            return;
        };
        let before = self.catalogue().figures(edition);
        if before == figures {
            self.plan.figures.unchanged += figures.len();
            return;
        }
        if before.is_empty() {
            self.plan.figures.added += figures.len();
        } else {
            // An edition that loses its only figure counts as changed too.
            self.plan.figures.changed += figures.len().max(1);
        }
        let published = published::publish_figures(self.revising, edition, &drafts, None);
        self.accept(path, published);
    }
}
