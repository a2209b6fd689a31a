//! What becomes of a report that turns a month red: how soon its notice reaches
//! a receiver, and how many deliveries the service makes in a second.

use std::thread;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use shirube::clock::Clock;
use shirube::config::Cidr;
use shirube::domain::delivery::Outcome as Sent;
use shirube::notify::Timeouts;
use shirube::notify::address::AddressPolicy;
use shirube::notify::client::{HttpClient, Post, ReplyRule};
use shirube::notify::worker::{IN_FLIGHT_EACH, IN_FLIGHT_MAX};

use super::client::{Connection, percentile};
use super::outbox::Outbox;
use super::receiver::{Manner, Receiver};
use super::scenarios::{Context, rate};
use super::{Outcome, median, number};

/// For each report whose notice is timed so many deliveries are queued.
const QUEUED_PER_REPORT: usize = 10;
/// Lets what the last notice left to do end before the next report.
const REST: Duration = Duration::from_millis(20);
/// How long the destination with the long queue takes for each.
const SLOW: Duration = Duration::from_secs(1);
/// Where reports are timed, and where deliveries are queued.
const TIMED: &str = "load-timed";
const QUEUED: &str = "load-queued";

struct Notices<'a> {
    context: &'a Context<'a>,
    outbox: Outbox<'a>,
    /// Scorecards that nobody has reported on yet.
    timed: Vec<String>,
    queued: Vec<String>,
    /// What the next reports on the queued ones say: far too little.
    value: u32,
}

/// Who else is there while notices are timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Neighbour {
    None,
    /// Another destination, with a long queue.
    Queue,
    /// Another destination of the same notices, which never answers.
    Hanging,
}

const NEIGHBOURS: [(&str, Neighbour); 3] = [
    ("notice, nothing else", Neighbour::None),
    ("notice, queue elsewhere", Neighbour::Queue),
    ("notice, hanging neighbour", Neighbour::Hanging),
];
/// Destinations over which a queue is spread.
const DESTINATIONS: [(&str, usize); 2] = [
    ("queue of 1 destination", 1),
    ("queue of 10 destinations", 10),
];

/// Times notices, then counts deliveries, and prints a line of each.
pub fn print_tables(context: &Context<'_>, deliveries: usize, only: Option<&str>) -> Outcome<()> {
    let wanted = |name: &str| only.is_none_or(|text| name.contains(text));
    let neighbours: Vec<_> = NEIGHBOURS
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .collect();
    let destinations: Vec<_> = DESTINATIONS
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .collect();
    if neighbours.is_empty() && destinations.is_empty() {
        return Ok(());
    }
    let mut notices = Notices::found(context, deliveries)?;
    let database = context.database.kind.name();
    println!();
    println!(
        "| from the answer to the first byte | database | notices | p50 ms | p99 ms | most ms |"
    );
    println!("|---|---|--:|--:|--:|--:|");
    for (name, neighbour) in neighbours {
        let times = notices.time(neighbour)?;
        println!(
            "| {name} | {database} | {} | {:.1} | {:.1} | {:.1} |",
            times.len(),
            percentile(&times, 50),
            percentile(&times, 99),
            percentile(&times, 100),
        );
    }
    println!();
    println!("| sending | database | deliveries | deliveries/s | cpu ms | floor/s | ratio |");
    println!("|---|---|--:|--:|--:|--:|--:|");
    for (name, count) in destinations {
        notices.print_sending(name, count)?;
    }
    Ok(())
}

impl<'a> Notices<'a> {
    /// Makes hubs with scorecards of one step each.
    fn found(context: &'a Context<'a>, deliveries: usize) -> Outcome<Self> {
        let connection = Connection::open(context.service.address)?;
        let mut notices = Self {
            context,
            outbox: Outbox::new(context.data, connection),
            timed: Vec::new(),
            queued: Vec::new(),
            value: 0,
        };
        let timed = (deliveries / QUEUED_PER_REPORT).max(1) * NEIGHBOURS.len();
        notices.timed = notices.scorecards(TIMED, timed)?;
        notices.queued = notices.scorecards(QUEUED, deliveries)?;
        Ok(notices)
    }

    fn scorecards(&mut self, hub: &str, count: usize) -> Outcome<Vec<String>> {
        let name = json!({"ja": hub, "en": hub});
        let body = json!({"code": hub, "prefecture": "01", "name": name});
        self.outbox.post("/v1/hubs", &body, 201)?;
        let mut ids = Vec::with_capacity(count);
        for number in 0..count {
            let body = json!({
                "hub": hub, "key": format!("card-{number}"),
                "start_month": self.context.data.last, "definition": definition(),
            });
            let made = self.outbox.post("/v1/scorecards", &body, 201)?;
            ids.push(super::data::text(&made, "id")?);
        }
        Ok(ids)
    }

    /// Reports far too little, which completes the month.
    fn report(&mut self, scorecard: &str, value: u32) -> Outcome<()> {
        let body = json!({
            "month": self.context.data.last, "values": [{"item": "consult", "value": value}],
        });
        let path = format!("/v1/scorecards/{scorecard}/actuals");
        let answer = self.outbox.post(&path, &body, 200)?;
        if answer["outcome"] == "applied" {
            Ok(())
        } else {
            Err(format!("a report changed nothing: {answer}").into())
        }
    }

    /// Queues as many deliveries for these destinations as there are scorecards.
    fn fill(&mut self, receivers: &[Receiver]) -> Outcome<Vec<String>> {
        let ids = self.outbox.subscribe(receivers, Some(QUEUED))?;
        self.outbox.pause()?;
        self.value += 1;
        let reports = self.queued.len() / receivers.len().max(1);
        let cards: Vec<String> = self.queued.iter().take(reports).cloned().collect();
        for card in &cards {
            self.report(card, self.value)?;
        }
        let expected = u64::try_from(reports * receivers.len())?;
        self.outbox.wait(|depth| depth.queued >= expected)?;
        Ok(ids)
    }

    /// How long notices take, one after the other: sorted.
    fn time(&mut self, neighbour: Neighbour) -> Outcome<Vec<Duration>> {
        let fast = Receiver::start(Manner::Answers)?;
        let manner = match neighbour {
            Neighbour::Queue => Manner::AnswersAfter(SLOW),
            Neighbour::None | Neighbour::Hanging => Manner::NeverAnswers,
        };
        let other = Receiver::start(manner)?;
        let other = std::slice::from_ref(&other);
        let mut ids = match neighbour {
            Neighbour::None => Vec::new(),
            Neighbour::Queue => self.fill(other)?,
            Neighbour::Hanging => self.outbox.subscribe(other, Some(TIMED))?,
        };
        if neighbour == Neighbour::Queue {
            self.outbox.resume()?;
        }
        let fast_only = std::slice::from_ref(&fast);
        ids.extend(self.outbox.subscribe(fast_only, Some(TIMED))?);
        let count = (self.queued.len() / QUEUED_PER_REPORT).max(1);
        let mut times = Vec::with_capacity(count);
        let first = self.timed.len().saturating_sub(count);
        for card in self.timed.split_off(first) {
            self.report(&card, 0)?;
            let answered = Instant::now();
            // The notice may be faster than the answer.
            times.push(fast.next()?.at.saturating_duration_since(answered));
            thread::sleep(REST);
        }
        self.outbox.unsubscribe(&ids)?;
        times.sort_unstable();
        Ok(times)
    }

    fn print_sending(&mut self, name: &str, destinations: usize) -> Outcome<()> {
        let (mut sent, mut floor, mut processor, mut ratios) = (vec![], vec![], vec![], vec![]);
        let mut all = 0;
        for _ in 0..self.context.rounds {
            let batch = self.send(destinations)?;
            let bare = post_barely(destinations, &batch)?;
            all = batch.count;
            let used = batch.processor.map(|used| used.as_secs_f64() * 1_000.0);
            processor.extend(used.map(|used| used / number(batch.count)));
            sent.push(batch.per_second());
            floor.push(bare.per_second());
            ratios.push(batch.per_second() / bare.per_second());
        }
        println!(
            "| {name} | {} | {all} | {} | {:.3} | {} | {:.3} |",
            self.context.database.kind.name(),
            rate(median(sent)),
            median(processor),
            rate(median(floor)),
            median(ratios),
        );
        Ok(())
    }
}

/// Deliveries that went out one after the other.
struct Batch {
    count: usize,
    /// Bytes of a body.
    length: usize,
    elapsed: Duration,
    processor: Option<Duration>,
}

impl Batch {
    fn per_second(&self) -> f64 {
        number(self.count) / self.elapsed.as_secs_f64()
    }

    /// Waits for deliveries to receivers that get as many each.
    fn of(receivers: &[Receiver], count: usize, began: Instant) -> Outcome<Self> {
        let mut last = began;
        let mut bytes = 0;
        for receiver in receivers {
            for _ in 0..count / receivers.len().max(1) {
                let arrival = receiver.next()?;
                last = last.max(arrival.at);
                bytes += arrival.length;
            }
        }
        Ok(Self {
            count,
            length: bytes / count.max(1),
            elapsed: last - began,
            processor: None,
        })
    }
}

impl Notices<'_> {
    /// Sends a queue that was filled before.
    fn send(&mut self, destinations: usize) -> Outcome<Batch> {
        let receivers = receivers(destinations)?;
        let ids = self.fill(&receivers)?;
        let count = self.queued.len() / destinations * destinations;
        let usage = self.context.service.usage();
        let before = usage.processor();
        let began = Instant::now();
        self.outbox.resume()?;
        let mut batch = Batch::of(&receivers, count, began)?;
        self.outbox.drain()?;
        batch.processor = usage
            .processor()
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        self.outbox.unsubscribe(&ids)?;
        Ok(batch)
    }
}

fn receivers(count: usize) -> Outcome<Vec<Receiver>> {
    (0..count)
        .map(|_| Receiver::start(Manner::Answers))
        .collect()
}

/// The floor: as many requests of this size by the service's own client, as many
/// at a time, and nothing else.
fn post_barely(destinations: usize, like: &Batch) -> Outcome<Batch> {
    let receivers = receivers(destinations)?;
    let posts: Vec<Post> = receivers
        .iter()
        .map(|receiver| Post {
            url: receiver.url(),
            content_type: "application/json",
            headers: HeaderMap::new(),
            body: vec![b'x'; like.length],
            reply: ReplyRule::Status,
        })
        .collect();
    let policy = AddressPolicy::new(vec![Cidr::v4([127, 0, 0, 0], 8)]);
    let in_flight = (destinations * IN_FLIGHT_EACH).min(IN_FLIGHT_MAX);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let began = Instant::now();
    let refused = runtime.block_on(async {
        let client = HttpClient::new(policy, Timeouts::HTTP, Clock::system());
        futures_util::stream::iter(posts.iter().cycle().take(like.count))
            .map(|post| client.post(post))
            .buffer_unordered(in_flight)
            .filter(|exchange| std::future::ready(exchange.outcome != Sent::Delivered))
            .count()
            .await
    });
    if refused > 0 {
        return Err(format!("{refused} bare requests failed").into());
    }
    Batch::of(&receivers, like.count, began)
}

/// One high-hurdle step, of which a thousand a month are planned.
fn definition() -> Value {
    let name = json!({"ja": "相談", "en": "consult"});
    let item = json!({
        "key": "consult", "name": name, "stage": "consult", "track": null, "measure": "flow",
        "unit": "cases", "direction": "higher", "strict": false, "proportion": false,
        "high_hurdle": true, "weight": 1, "bar": null,
        "phasing": {"kind": "even", "sessions": null, "weights": null, "first_month": 1},
        "targets": [{"year": 1, "value": 12_000, "formula": null}],
    });
    json!({
        "key": "one", "name": name, "market_type": "mature", "basis": null,
        "stages": [{"stage": "consult", "perspective": "customer", "name": name}],
        "tracks": [], "parameters": [], "items": [item], "links": [],
    })
}
