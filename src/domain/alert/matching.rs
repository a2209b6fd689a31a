//! Which stored alert an episode of the replay continues, after a correction
//! has moved episodes (`semantics.md` §8: the difference is what is announced).

use std::cmp::Reverse;

use super::episode::Episode;
use crate::domain::month::Month;

/// An alert of an item as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub opened: Month,
    /// `None` while it is open.
    pub resolved: Option<Month>,
    /// A correction took it back before.
    pub withdrawn: bool,
}

/// For each episode of one item the position of the known alert that it
/// continues. Each known alert is continued at most once, in this order: the
/// one that opened in the same month; the one that was open in the most months
/// in common; one that was withdrawn, if there were any such months.
#[must_use]
pub fn match_episodes(known: &[Known], replayed: &[Episode]) -> Vec<Option<usize>> {
    let mut pairs: Vec<_> = replayed
        .iter()
        .enumerate()
        .flat_map(|(index, episode)| {
            known
                .iter()
                .enumerate()
                .filter_map(move |(position, known)| {
                    let same_start = known.opened == episode.opened;
                    let shared = shared_months(known, episode);
                    let fits = same_start || shared > 0;
                    let rank = (known.withdrawn, !same_start, Reverse(shared));
                    fits.then_some((rank, index, position))
                })
        })
        .collect();
    pairs.sort_unstable();
    let mut matched = vec![None; replayed.len()];
    let mut taken = vec![false; known.len()];
    for (_, index, position) in pairs {
        if let (Some(place @ None), Some(is_taken @ false)) =
            (matched.get_mut(index), taken.get_mut(position))
        {
            *place = Some(position);
            *is_taken = true;
        }
    }
    matched
}

/// Months in which both stood; of two that are open, to the end of time.
fn shared_months(known: &Known, episode: &Episode) -> i32 {
    let first = known.opened.max(episode.opened);
    let end_of_time = first.plus(i32::MAX);
    let closed = episode.closed.map(|closed| closed.month);
    let last = [known.resolved, closed]
        .into_iter()
        .flatten()
        .fold(end_of_time, Month::min);
    last.since(first)
}
