//! The monthly job of a hub: last month's figures from a CSV, tried, reported,
//! and what turned red with its reason. README.md shows this program.
#![expect(clippy::print_stdout, reason = "what this program is there for")]

use shirube_client::{Client, Report};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let month = std::env::args().nth(1).ok_or("which month? YYYY-MM")?;
    let client = Client::from_environment()?; // SHIRUBE_SERVER, SHIRUBE_API_KEY
    let card = client.find("tottori", "challenge-population").await?;
    let report = Report::from_csv(&month, &std::fs::read_to_string(format!("{month}.csv"))?)?;
    let preview = client.report(&card.id, &report.clone().dry_run()).await?; // faults end here
    client.report(&card.id, &report).await?;
    let state = client.evaluated(&card.id, &month).await?;
    for item in preview.turned_red().filter_map(|key| state.item(key)) {
        println!("{}: {}", item.name.ja, item.reason.ja);
    }
    Ok(())
}
