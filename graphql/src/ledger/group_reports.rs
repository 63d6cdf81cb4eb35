//! Reports of groups, within one transaction of the writer: what a group counts goes up, from group to group, to its
//! event or to the totals.
//!
//! Commands about no group cost no statement here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Counts, EditionId, EventId, GroupId, Report, ViolationKind, event::EventTally};
use jiff::Timestamp;

use super::counting::drifted;
use crate::{
    access::{EventFacts, GroupFacts},
    database::{
        self, Connection, event_revision,
        groups::{self, StoredGroup},
    },
};

/// The groups of the commands of one transaction, and all groups above them.
#[derive(Default)]
pub(super) struct GroupReports {
    stored: HashMap<GroupId, StoredGroup>,
    present: HashMap<GroupId, StoredGroup>,
}

/// What an event's groups counted before a change and after it.
pub(super) struct GroupChange {
    pub(super) event: EventId,
    pub(super) before: EventTally,
    pub(super) after: EventTally,
}

impl GroupReports {
    /// These groups. They are locked with the events, so that no other process changes one until the transaction ends.
    pub(super) async fn of(
        connection: &mut Connection,
        ids: &BTreeSet<GroupId>,
    ) -> Result<Self, database::Error> {
        if ids.is_empty() {
            return Ok(Self::default());
        }
        event_revision::lock(connection).await?;
        let stored = groups::find_with_parents(connection, ids).await?;
        Ok(Self { present: stored.clone(), stored })
    }

    /// The events that they write at.
    pub(super) fn events(&self) -> impl Iterator<Item = EventId> {
        self.present.values().filter_map(|stored| stored.group.event)
    }

    /// A group in its present state.
    pub(super) fn get(&self, id: GroupId) -> Option<&StoredGroup> {
        self.present.get(&id)
    }

    /// What access to a group depends on; `event` are the facts of the event that it writes at.
    pub(super) fn facts(&self, id: GroupId, event: Option<EventFacts>) -> Option<GroupFacts> {
        groups::facts(&self.present, id, event)
    }

    /// Notes whether the group has an active report after a change.
    pub(super) fn advance(
        &mut self,
        id: GroupId,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<(), ViolationKind> {
        let Some(stored) = self.present.get_mut(&id) else { return Ok(()) };
        if let Some(group) = stored.group.after_report(before, after)? {
            stored.group = group;
        }
        Ok(())
    }

    /// Adds the difference of a changed report to its group and to those above it. What an event is to count anew is
    /// returned.
    pub(super) fn count(
        &mut self,
        id: GroupId,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<Option<GroupChange>, database::Error> {
        let missing = || database::Error::Broken("a report without its group".into());
        let stored = self.present.get_mut(&id).ok_or_else(missing)?;
        let (mut earlier, event) = (stored.group.tally.clone(), stored.group.event);
        let tally = &mut stored.group.tally;
        if let Some(contribution) = before.and_then(Report::contribution) {
            tally.subtract_own(&contribution).map_err(drifted)?;
        }
        if let Some(contribution) = after.contribution() {
            tally.add_own(&contribution).map_err(drifted)?;
        }
        let (mut later, mut next) = (tally.clone(), stored.group.parent);
        while let Some(parent) = next {
            let stored = self.present.get_mut(&parent).ok_or_else(missing)?;
            let above = stored.group.tally.clone();
            stored.group.tally.change_group(&earlier, &later).map_err(drifted)?;
            (earlier, later, next) = (above, stored.group.tally.clone(), stored.group.parent);
        }
        Ok(event.map(|event| GroupChange { event, before: earlier, after: later }))
    }

    /// Stores the changed groups, and says whether any has changed. The difference of those that write at no event is
    /// added to `changes`.
    pub(super) async fn store(
        self,
        connection: &mut Connection,
        changes: &mut BTreeMap<EditionId, (Counts, Timestamp)>,
    ) -> Result<bool, database::Error> {
        let Self { stored, present } = self;
        let differs = |(id, after): &(GroupId, StoredGroup)| {
            stored.get(id).is_some_and(|before| before.group != after.group)
        };
        let mut changed: Vec<_> = present.into_iter().filter(differs).collect();
        changed.sort_by_key(|(id, _)| *id);
        for (id, after) in &changed {
            let (before, group) = (&stored[id].group, &after.group);
            if before.tally == group.tally {
                groups::update(connection, after).await?;
                continue;
            }
            if group.parent.is_none() && group.event.is_none() {
                let (change, _) = changes.entry(group.edition_id).or_default();
                change.subtract_all(&before.tally.cells());
                change.merge(&group.tally.cells());
            }
            // The time of the latest change of the edition is noted with its changes.
            let now = changes.get(&group.edition_id).map_or(group.updated_at, |(_, now)| *now);
            groups::count(connection, after, now).await?;
        }
        Ok(!changed.is_empty())
    }
}
