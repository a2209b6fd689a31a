//! Which stored alert an episode continues.

use super::{Closed, Episode, Known, ResolvedReason, match_episodes, month};

fn episode(opened: u32, closed: Option<u32>) -> Episode {
    Episode {
        item: "step".to_owned(),
        number: 1,
        opened: month(opened),
        closed: closed.map(|closed| Closed {
            month: month(closed),
            reason: ResolvedReason::Recovered,
        }),
        last_reported: month(opened),
        relapses: Vec::new(),
    }
}

fn known(opened: u32, resolved: Option<u32>) -> Known {
    Known {
        opened: month(opened),
        resolved: resolved.map(month),
        withdrawn: false,
    }
}

fn withdrawn(opened: u32, resolved: Option<u32>) -> Known {
    Known {
        withdrawn: true,
        ..known(opened, resolved)
    }
}

#[test]
fn episodes_continue_the_alert_that_fits_best() {
    let open = None;
    for (name, stored, replayed, expected) in [
        ("first of all", vec![], vec![episode(1, open)], vec![None]),
        ("nothing left", vec![known(1, open)], vec![], vec![]),
        (
            "resolved now",
            vec![known(3, open)],
            vec![episode(3, Some(5))],
            vec![Some(0)],
        ),
        (
            "the same month before a longer time in common",
            vec![known(1, open), known(4, Some(5))],
            vec![episode(4, open)],
            vec![Some(1)],
        ),
        (
            "moved earlier",
            vec![known(4, open)],
            vec![episode(2, open)],
            vec![Some(0)],
        ),
        (
            "the longest time in common",
            vec![known(1, Some(4)), known(5, Some(9))],
            vec![episode(2, Some(8))],
            vec![Some(1)],
        ),
        (
            "nothing in common",
            vec![known(1, Some(4))],
            vec![episode(4, open)],
            vec![None],
        ),
        (
            "one that was split continues once, where most of it lies",
            vec![known(1, open)],
            vec![episode(2, Some(4)), episode(8, open)],
            vec![None, Some(0)],
        ),
        (
            "two that became one",
            vec![known(1, Some(3)), known(6, open)],
            vec![episode(2, open)],
            vec![Some(1)],
        ),
        (
            "who began in the month comes first, whoever else asks",
            vec![known(5, Some(9))],
            vec![episode(1, Some(9)), episode(5, Some(6))],
            vec![None, Some(0)],
        ),
        (
            "a withdrawn one last",
            vec![withdrawn(3, open), known(2, Some(4))],
            vec![episode(3, open)],
            vec![Some(1)],
        ),
        (
            "a withdrawn one where nothing else fits",
            vec![withdrawn(3, Some(6))],
            vec![episode(4, open)],
            vec![Some(0)],
        ),
        (
            "a withdrawn one of another time",
            vec![withdrawn(3, Some(6))],
            vec![episode(6, open)],
            vec![None],
        ),
        (
            "a withdrawn one for whom the others leave over",
            vec![known(2, open), withdrawn(2, open)],
            vec![episode(2, Some(4)), episode(5, open)],
            vec![Some(0), Some(1)],
        ),
    ] {
        assert_eq!(match_episodes(&stored, &replayed), expected, "{name}");
    }
}
