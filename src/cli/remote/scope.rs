//! Whether there is anything to say something about. "Nothing is red" is not said
//! of a hub that is not there.

use shirube_client::{FactsQuery, ScorecardsQuery};

use super::{Exit, Failure, Remote};

impl Remote {
    /// Whether these facts have any row. Where they have none because the options
    /// leave no scorecard, the options are wrong.
    pub(super) async fn has_facts(&self, query: &FactsQuery) -> Result<bool, Failure> {
        let first = FactsQuery {
            limit: Some(1),
            ..query.clone()
        };
        let page = self.client.facts(&first).await;
        let page = page.map_err(|error| self.failure_of_read(&error))?;
        if page.items.is_empty() && query.scorecard.is_none() {
            self.expect_scorecards(query).await?;
        }
        Ok(!page.items.is_empty())
    }

    async fn expect_scorecards(&self, query: &FactsQuery) -> Result<(), Failure> {
        let cards = ScorecardsQuery {
            prefecture: query.prefecture.clone(),
            hub: query.hub.clone(),
            limit: Some(1),
            ..ScorecardsQuery::default()
        };
        let page = self.client.scorecards(&cards).await;
        let page = page.map_err(|error| self.failure_of_read(&error))?;
        if page.items.is_empty() {
            return Err(self.no_scorecard(&cards));
        }
        Ok(())
    }

    /// Options that leave no scorecard are wrong usage; without any, there is none.
    pub(super) fn no_scorecard(&self, query: &ScorecardsQuery) -> Failure {
        let options = [
            ("--prefecture", &query.prefecture),
            ("--hub", &query.hub),
            ("--key", &query.key),
        ];
        let given = options.iter().filter_map(|(option, value)| {
            let value = value.as_deref()?;
            Some(format!("{option} {value}"))
        });
        let given: Vec<String> = given.collect();
        if given.is_empty() {
            let words = self.words(
                "見られるスコアカードがありません。",
                "There is no scorecard that may be seen.",
            );
            return Failure::new(Exit::Failed, words);
        }
        let words = self.words(
            "{options} に当てはまるスコアカードは見つかりません。コードとキーの範囲を確認してください。",
            "No scorecard goes with {options}. See that the code is right, and that the key may see it.",
        );
        Failure::new(Exit::Usage, words.replace("{options}", &given.join(" ")))
    }
}
