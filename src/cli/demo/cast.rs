//! Who acts in the demo. Prefectures are real, since their codes are; all
//! branches and people are invented, and so is which market a prefecture has.

use crate::domain::scorecard::MarketType;

pub struct PrefectureCast {
    /// JIS X 0401.
    pub code: &'static str,
    pub ja: &'static str,
    pub en: &'static str,
    pub market: MarketType,
    pub officer: Person,
}

pub struct HubCast {
    pub code: &'static str,
    pub prefecture: &'static str,
    pub ja: &'static str,
    pub en: &'static str,
    /// They take turns at reporting.
    pub staff: &'static [Person],
}

pub struct Person {
    pub name: &'static str,
    pub email: &'static str,
}

const fn person(name: &'static str, email: &'static str) -> Person {
    Person { name, email }
}

pub const NATIONAL: Person = person("佐伯 健一（全国事務局）", "national@demo.example");
pub const VIEWER: Person = person("集計用アカウント（全国事務局）", "viewer@demo.example");
pub const OPERATOR: Person = person("川瀬 拓也（システム運用）", "operator@demo.example");
/// The prefecture whose officer is one of the sign-ins.
pub const TOUR_PREFECTURE: &str = "31";
/// The hub whose first member is one of the sign-ins.
pub const TOUR_HUB: &str = "tottori";

pub const PREFECTURES: [PrefectureCast; 6] = [
    PrefectureCast {
        code: "05",
        ja: "秋田県",
        en: "Akita",
        market: MarketType::Challenge,
        officer: person("畠山 俊介（秋田県）", "hatakeyama@akita.example"),
    },
    PrefectureCast {
        code: "20",
        ja: "長野県",
        en: "Nagano",
        market: MarketType::Growth,
        officer: person("丸山 千尋（長野県）", "maruyama@nagano.example"),
    },
    PrefectureCast {
        code: "22",
        ja: "静岡県",
        en: "Shizuoka",
        market: MarketType::Mature,
        officer: person("望月 裕子（静岡県）", "mochizuki@shizuoka.example"),
    },
    PrefectureCast {
        code: "31",
        ja: "鳥取県",
        en: "Tottori",
        market: MarketType::Challenge,
        officer: person("谷口 直人（鳥取県）", "prefecture@demo.example"),
    },
    PrefectureCast {
        code: "34",
        ja: "広島県",
        en: "Hiroshima",
        market: MarketType::Mature,
        officer: person("藤井 雅之（広島県）", "fujii@hiroshima.example"),
    },
    PrefectureCast {
        code: "43",
        ja: "熊本県",
        en: "Kumamoto",
        market: MarketType::Growth,
        officer: person("緒方 美穂（熊本県）", "ogata@kumamoto.example"),
    },
];

pub const HUBS: [HubCast; 12] = [
    HubCast {
        code: "akita",
        prefecture: "05",
        ja: "秋田県プロフェッショナル人材戦略拠点",
        en: "Akita hub",
        staff: &[
            person("三浦 和也", "miura@akita.example"),
            person("小野寺 彩", "onodera@akita.example"),
        ],
    },
    HubCast {
        code: "akita-kennan",
        prefecture: "05",
        ja: "秋田県プロフェッショナル人材戦略拠点 県南サテライト",
        en: "Akita hub, southern branch",
        staff: &[person("高階 誠", "takashina@akita.example")],
    },
    HubCast {
        code: "nagano",
        prefecture: "20",
        ja: "長野県プロフェッショナル人材戦略拠点",
        en: "Nagano hub",
        staff: &[
            person("小林 由紀子", "kobayashi@nagano.example"),
            person("宮下 大輔", "miyashita@nagano.example"),
        ],
    },
    HubCast {
        code: "nagano-nanshin",
        prefecture: "20",
        ja: "長野県プロフェッショナル人材戦略拠点 南信サテライト",
        en: "Nagano hub, Nanshin branch",
        staff: &[person("唐澤 孝", "karasawa@nagano.example")],
    },
    HubCast {
        code: "shizuoka",
        prefecture: "22",
        ja: "静岡県プロフェッショナル人材戦略拠点",
        en: "Shizuoka hub",
        staff: &[
            person("杉山 真理子", "sugiyama@shizuoka.example"),
            person("大石 洋平", "oishi@shizuoka.example"),
        ],
    },
    HubCast {
        code: "shizuoka-seibu",
        prefecture: "22",
        ja: "静岡県プロフェッショナル人材戦略拠点 西部サテライト",
        en: "Shizuoka hub, western branch",
        staff: &[person("鈴木 克己", "suzuki@shizuoka.example")],
    },
    HubCast {
        code: "shizuoka-tobu",
        prefecture: "22",
        ja: "静岡県プロフェッショナル人材戦略拠点 東部サテライト",
        en: "Shizuoka hub, eastern branch",
        staff: &[person("渡邉 恵", "watanabe@shizuoka.example")],
    },
    HubCast {
        code: "tottori",
        prefecture: "31",
        ja: "鳥取県プロフェッショナル人材戦略拠点",
        en: "Tottori hub",
        staff: &[
            person("山根 美咲", "hub@demo.example"),
            person("田中 修", "tanaka@tottori.example"),
        ],
    },
    HubCast {
        code: "tottori-seibu",
        prefecture: "31",
        ja: "鳥取県プロフェッショナル人材戦略拠点 西部サテライト",
        en: "Tottori hub, western branch",
        staff: &[person("足立 浩二", "adachi@tottori.example")],
    },
    HubCast {
        code: "hiroshima",
        prefecture: "34",
        ja: "広島県プロフェッショナル人材戦略拠点",
        en: "Hiroshima hub",
        staff: &[
            person("岡本 智子", "okamoto@hiroshima.example"),
            person("沖田 亮", "okita@hiroshima.example"),
        ],
    },
    HubCast {
        code: "hiroshima-bingo",
        prefecture: "34",
        ja: "広島県プロフェッショナル人材戦略拠点 備後サテライト",
        en: "Hiroshima hub, Bingo branch",
        staff: &[person("村上 陽子", "murakami@hiroshima.example")],
    },
    HubCast {
        code: "kumamoto",
        prefecture: "43",
        ja: "熊本県プロフェッショナル人材戦略拠点",
        en: "Kumamoto hub",
        staff: &[
            person("坂本 優子", "sakamoto@kumamoto.example"),
            person("松永 健太", "matsunaga@kumamoto.example"),
        ],
    },
];
