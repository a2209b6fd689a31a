//! The columns of facts: name, type, meaning, codes and value, in their order.
//! New ones come at the end; none is ever renamed or taken away.

use super::Fact;
use crate::domain::amount::{Amount, Exact, Rounded};
use crate::domain::ledger::{Cell, Figure};
use crate::domain::month::Month;
use crate::domain::scorecard::{Direction, MarketType, Measure, Perspective, Stage};
use crate::domain::status::{Flag, Status};
use crate::domain::text::Text;

/// What a column holds in every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// One of a closed list, or a stable code of something registered.
    Code,
    /// `YYYY-MM`.
    Month,
    /// A whole number.
    Integer,
    /// A figure with at most four decimals.
    Number,
    Boolean,
}

impl Kind {
    /// The stable name of the type.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Month => "month",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// What the row's column `unit` says.
    InUnitOfRow,
    /// A quotient: 1 is exactly on plan.
    AsShare,
}

impl Measured {
    /// `unit`: named by the row's column of that name; or `share`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InUnitOfRow => "unit",
            Self::AsShare => "share",
        }
    }
}

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Text(&'a str),
    Month(Month),
    Integer(i64),
    Number(Rounded),
    Boolean(bool),
}

type Codes = fn() -> Vec<(&'static str, Text)>;

/// A column: what it is called, what it means, and how a row's value is found.
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether a row may have no value here; the column is there all the same.
    pub nullable: bool,
    pub measured: Option<Measured>,
    ja: &'static str,
    en: &'static str,
    codes: Option<Codes>,
    value: for<'f> fn(&'f Fact<'_>) -> Value<'f>,
}

impl Column {
    const fn new(
        name: &'static str,
        kind: Kind,
        ja: &'static str,
        en: &'static str,
        value: for<'f> fn(&'f Fact<'_>) -> Value<'f>,
    ) -> Self {
        Self {
            name,
            kind,
            nullable: false,
            measured: None,
            ja,
            en,
            codes: None,
            value,
        }
    }

    const fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    const fn one_of(mut self, codes: Codes) -> Self {
        self.codes = Some(codes);
        self
    }

    const fn in_unit(mut self) -> Self {
        self.measured = Some(Measured::InUnitOfRow);
        self
    }

    const fn in_shares(mut self) -> Self {
        self.measured = Some(Measured::AsShare);
        self
    }

    /// What the column means.
    #[must_use]
    pub fn meaning(&self) -> Text {
        Text::new(self.ja, self.en)
    }

    /// Every code with its words, where the list is closed.
    #[must_use]
    pub fn codes(&self) -> Option<Vec<(&'static str, Text)>> {
        self.codes.map(|codes| codes())
    }

    /// The value of a row.
    #[must_use]
    pub fn value<'f>(&self, fact: &'f Fact<'_>) -> Value<'f> {
        (self.value)(fact)
    }
}

/// Every column, in the order of `api.md`.
pub const COLUMNS: &[Column] = &[
    Column::new(
        "scorecard",
        Kind::Code,
        "スコアカードの識別子",
        "Identifier of the scorecard",
        |f| Value::Text(f.subject.id.as_str()),
    ),
    Column::new(
        "scorecard_key",
        Kind::Code,
        "拠点の中でのスコアカードのキー",
        "Key of the scorecard, unique within its hub",
        |f| Value::Text(f.subject.key),
    ),
    Column::new(
        "prefecture",
        Kind::Code,
        "都道府県コード（JIS X 0401、2 桁の文字列）",
        "Prefecture's code, JIS X 0401, a text of two digits",
        |f| Value::Text(f.subject.hub.prefecture.code.as_str()),
    ),
    Column::new(
        "prefecture_name",
        Kind::Text,
        "道府県の名称",
        "Prefecture's Japanese name",
        |f| Value::Text(&f.subject.hub.prefecture.name.ja),
    ),
    Column::new("hub", Kind::Code, "拠点コード", "Hub's code", |f| {
        Value::Text(f.subject.hub.code.as_str())
    }),
    Column::new(
        "hub_name",
        Kind::Text,
        "拠点の名称",
        "Hub's Japanese name",
        |f| Value::Text(&f.subject.hub.name.ja),
    ),
    Column::new(
        "market_type",
        Kind::Code,
        "スコアカードの市場類型",
        "Market type that the scorecard is made for",
        |f| Value::Text(f.subject.market_type.code()),
    )
    .one_of(market_types),
    Column::new(
        "template",
        Kind::Code,
        "もとになったテンプレートのキー。独自定義では空",
        "Key of the template that it was made from; null of an own definition",
        |f| text(f.subject.template),
    )
    .or_null(),
    Column::new(
        "item",
        Kind::Code,
        "項目のキー。スコアカードの中で変わらない",
        "Key of the item, stable within its scorecard",
        |f| Value::Text(&f.item.key),
    ),
    Column::new(
        "item_name",
        Kind::Text,
        "項目の名称",
        "Item's Japanese name",
        |f| Value::Text(&f.item.name.ja),
    ),
    Column::new(
        "item_name_en",
        Kind::Text,
        "項目の英語名",
        "Item's English name",
        |f| Value::Text(&f.item.name.en),
    ),
    Column::new("perspective", Kind::Code, "視点", "Perspective", |f| {
        Value::Text(f.perspective.code())
    })
    .one_of(perspectives),
    Column::new("stage", Kind::Code, "段階", "Stage of the funnel", |f| {
        Value::Text(f.item.stage.code())
    })
    .one_of(stages),
    Column::new(
        "track",
        Kind::Code,
        "系列のキー。系列のない項目では空",
        "Key of the track; null of an item without one",
        |f| text(f.item.track.as_deref()),
    )
    .or_null(),
    Column::new(
        "measure",
        Kind::Code,
        "月の値の足し方",
        "How the months of the item add up",
        |f| Value::Text(f.item.measure.code()),
    )
    .one_of(measures),
    Column::new(
        "unit",
        Kind::Code,
        "数値の単位（件、人、JPY など）のコード",
        "Code of what the figures count: cases, people, JPY, …",
        |f| Value::Text(&f.item.unit.0),
    ),
    Column::new(
        "direction",
        Kind::Code,
        "大きいほど良いか、小さいほど良いか",
        "Whether higher or lower is better",
        |f| Value::Text(f.item.direction.code()),
    )
    .one_of(directions),
    Column::new(
        "high_hurdle",
        Kind::Boolean,
        "難所の項目か",
        "Whether the item is a high hurdle",
        |f| Value::Boolean(f.item.high_hurdle),
    ),
    Column::new("month", Kind::Month, "暦の月", "Calendar month", |f| {
        Value::Month(f.month)
    }),
    Column::new(
        "fiscal_year",
        Kind::Integer,
        "会計年度（4 月の属する年）",
        "Fiscal year, by the year of its April",
        |f| Value::Integer(f.month.fiscal_year().into()),
    ),
    Column::new(
        "fiscal_quarter",
        Kind::Integer,
        "会計年度の四半期。1 は 4〜6 月",
        "Fiscal quarter; 1 is April to June",
        |f| Value::Integer(f.month.fiscal_quarter().into()),
    ),
    Column::new(
        "programme_year",
        Kind::Integer,
        "計画の何年目か（1 から）",
        "Year of the programme, from 1",
        |f| Value::Integer(f.at.year().into()),
    ),
    Column::new(
        "programme_month",
        Kind::Integer,
        "計画の開始から何か月目か（1 から）",
        "Month of the programme, from 1 at its start",
        |f| Value::Integer(f.at.t().into()),
    ),
    Column::new(
        "cell_state",
        Kind::Code,
        "この月の報告の有無。空欄は 0 ではない",
        "What was reported of the month; absent is not zero",
        |f| Value::Text(f.cell.state()),
    )
    .one_of(cell_states),
    Column::new(
        "value",
        Kind::Number,
        "この月だけの値。割合では分子÷分母",
        "Of the month alone; of a ratio, numerator over denominator",
        value,
    )
    .or_null()
    .in_unit(),
    Column::new(
        "numerator",
        Kind::Number,
        "割合の、この月の分子",
        "Of the month, the numerator of a ratio",
        |f| amount(f.cell.ratio().map(|(numerator, _)| numerator)),
    )
    .or_null()
    .in_unit(),
    Column::new(
        "denominator",
        Kind::Number,
        "割合の、この月の分母",
        "Of the month, the denominator of a ratio",
        |f| amount(f.cell.ratio().map(|(_, denominator)| denominator)),
    )
    .or_null()
    .in_unit(),
    Column::new(
        "actual",
        Kind::Number,
        "この月までの実績（measure に従って合計したもの）",
        "Actual to date, added up as `measure` says",
        |f| exact(f.evaluated.actual.as_ref()),
    )
    .or_null()
    .in_unit(),
    Column::new(
        "plan",
        Kind::Number,
        "この月までの計画",
        "Plan to date",
        |f| Value::Number(f.evaluated.plan.rounded()),
    )
    .in_unit(),
    Column::new(
        "target",
        Kind::Number,
        "目標の全体。目標がなければ空",
        "The whole target in force; null without one",
        |f| amount(f.evaluated.target),
    )
    .or_null()
    .in_unit(),
    Column::new(
        "attainment",
        Kind::Number,
        "達成率。1 が計画どおり（小さいほど良い項目では計画÷実績）",
        "Actual over plan, or plan over actual where lower is better",
        |f| exact(f.evaluated.attainment.as_ref()),
    )
    .or_null()
    .in_shares(),
    Column::new(
        "shortfall",
        Kind::Number,
        "計画に足りない分。負なら上回る",
        "How far short of the plan; negative where ahead",
        |f| exact(f.evaluated.shortfall.as_ref()),
    )
    .or_null()
    .in_unit(),
    Column::new("status", Kind::Code, "状況", "Status", |f| {
        Value::Text(f.evaluated.status.code())
    })
    .one_of(statuses),
    Column::new("flag", Kind::Code, "信号", "Flag", |f| {
        Value::Text(f.evaluated.flag.code())
    })
    .one_of(flags),
    Column::new(
        "plan_version",
        Kind::Integer,
        "この月の判定に使った計画の版",
        "Version of the plan in force in the month",
        |f| Value::Integer(f.plan.version.into()),
    ),
];

fn text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Null, Value::Text)
}

fn amount(amount: Option<Amount>) -> Value<'static> {
    amount.map_or(Value::Null, |amount| {
        Value::Number(Rounded::from_scaled(amount.scaled().into()))
    })
}

fn exact(exact: Option<&Exact>) -> Value<'static> {
    exact.map_or(Value::Null, |exact| Value::Number(exact.rounded()))
}

fn value<'f>(fact: &'f Fact<'_>) -> Value<'f> {
    match fact.cell {
        Cell::Reported(Figure::Amount(reported)) => amount(Some(*reported)),
        Cell::Reported(Figure::Ratio {
            numerator,
            denominator,
        }) => exact(numerator.exact().checked_div(&denominator.exact()).as_ref()),
        Cell::NotReported | Cell::NotApplicable { .. } => Value::Null,
    }
}

fn market_types() -> Vec<(&'static str, Text)> {
    MarketType::all()
        .map(|each| (each.code(), each.name()))
        .collect()
}

fn perspectives() -> Vec<(&'static str, Text)> {
    Perspective::all()
        .map(|each| (each.code(), each.name()))
        .collect()
}

fn stages() -> Vec<(&'static str, Text)> {
    Stage::all()
        .map(|each| (each.code(), each.name()))
        .collect()
}

fn measures() -> Vec<(&'static str, Text)> {
    let name = |measure| match measure {
        Measure::Flow => Text::new("年度の累計", "Sum of the programme year"),
        Measure::Cumulative => Text::new("開始からの累計", "Sum from the start"),
        Measure::Level => Text::new("月末の値", "State at the month's end"),
        Measure::Ratio => Text::new("割合（年度の累計）", "Ratio over the programme year"),
        Measure::Milestone => Text::new("進捗率", "Progress in percent"),
    };
    Measure::all()
        .map(|each| (each.code(), name(each)))
        .collect()
}

fn directions() -> Vec<(&'static str, Text)> {
    let name = |direction| match direction {
        Direction::Higher => Text::new("大きいほど良い", "Higher is better"),
        Direction::Lower => Text::new("小さいほど良い", "Lower is better"),
    };
    Direction::all()
        .map(|each| (each.code(), name(each)))
        .collect()
}

fn cell_states() -> Vec<(&'static str, Text)> {
    let not_applicable = Cell::NotApplicable {
        reason: String::new(),
    };
    vec![
        ("reported", Text::new("報告済み", "Reported")),
        (
            Cell::NotReported.state(),
            Text::new("未報告", "Not reported"),
        ),
        (
            not_applicable.state(),
            Text::new("対象外", "Not applicable"),
        ),
    ]
}

fn statuses() -> Vec<(&'static str, Text)> {
    let name = |status| match status {
        Status::Behind => Text::new("遅れ", "Behind"),
        Status::NoData => Text::new("未報告", "No data"),
        Status::AtRisk => Text::new("注意", "At risk"),
        Status::OnTrack => Text::new("順調", "On track"),
        Status::NotDue => Text::new("開始前", "Not due"),
        Status::Achieved => Text::new("達成", "Achieved"),
        Status::Untargeted => Text::new("目標なし", "No target"),
        Status::NotApplicable => Text::new("対象外", "Not applicable"),
    };
    Status::all()
        .map(|each| (each.code(), name(each)))
        .collect()
}

fn flags() -> Vec<(&'static str, Text)> {
    let name = |flag| match flag {
        Flag::Red => Text::new("赤", "Red"),
        Flag::Amber => Text::new("黄", "Amber"),
        Flag::None => Text::new("なし", "None"),
    };
    Flag::all().map(|each| (each.code(), name(each))).collect()
}
