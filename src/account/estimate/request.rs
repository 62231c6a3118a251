//! What determines the cost of a chat, read from its body.

use crate::account::prices::{ModelPrices, Rates};
use crate::json::{self, Object};

/// The most tokens of one image. The largest that a provider documents is 48,169: eight tiles of gpt-4o-mini.
pub(super) const IMAGE_TOKENS: u64 = 50_000;
/// The usual tokens of one image.
const USUAL_IMAGE_TOKENS: u64 = 1_000;
/// Tokens that a provider adds to a request with tools, to explain them to the model. Anthropic documents up to 735.
const TOOL_TOKENS: u64 = 1_000;
/// How much more the tier `priority` costs: OpenAI documents up to the double.
const PRIORITY: u64 = 2;

/// What determines the cost of a chat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Bytes of messages, tools and the form of the answer, as JSON, without images and files.
    pub(super) text_bytes: u64,
    messages: u64,
    pub(super) images: u64,
    /// Bytes of audio, video and files in the request.
    pub(super) media_bytes: u64,
    /// Whether a file or a video is only named by its URL, so that its size is unknown.
    has_unsized_media: bool,
    has_tools: bool,
    max_tokens: Option<u64>,
    pub(super) choices: u64,
    /// `provider.max_price`, in picodollars per unit.
    pub(super) max_price: Rates,
    /// How much more the service tier may cost; `None` if that is unknown.
    pub(super) tier: Option<u64>,
    /// Whether the answer may have images or sound.
    pub(super) makes_media: bool,
}

impl Request {
    /// Reads the body of a chat.
    pub fn of(body: &str) -> Self {
        let body = Object::parse(body).unwrap_or_default();
        let mut request = Self {
            choices: count(&body, "n").unwrap_or(1).max(1),
            max_tokens: count(&body, "max_completion_tokens").or_else(|| count(&body, "max_tokens")),
            tier: tier_of(&body),
            ..Self::default()
        };
        for name in ["tools", "functions", "response_format", "prediction", "system"] {
            request.text_bytes += body.present(name).map_or(0, str::len) as u64;
        }
        request.has_tools = body.present("tools").is_some() || body.present("functions").is_some();
        for message in body.present("messages").and_then(json::array).unwrap_or_default() {
            request.add_message(message);
        }
        let modalities = body.present("modalities").unwrap_or_default();
        request.makes_media = modalities.contains("\"image\"") || modalities.contains("\"audio\"");
        if let Some(limits) = body
            .object("provider")
            .and_then(|provider| provider.object("max_price"))
        {
            let rate = |name: &str, units: f64| {
                let usd = limits.present(name).and_then(json::figure)?;
                (0.0..=1e9)
                    .contains(&usd)
                    .then(|| (usd * 1e12 / units).round() as u64)
            };
            request.max_price = Rates {
                prompt: rate("prompt", 1e6),
                completion: rate("completion", 1e6),
                request: rate("request", 1.0),
                ..Rates::default()
            };
        }
        request
    }

    fn add_message(&mut self, message: &str) {
        self.messages += 1;
        let mut text = message.len();
        let fields = Object::parse(message).unwrap_or_default();
        for part in fields
            .present("content")
            .and_then(json::array)
            .unwrap_or_default()
        {
            let part_fields = Object::parse(part).unwrap_or_default();
            match part_fields.string("type").as_deref() {
                None | Some("text") => continue,
                Some("image_url") => self.images += 1,
                // Base64 has more bytes than there are tokens in what it encodes.
                Some(_) if part.contains("://") && !part.contains("data:") => self.has_unsized_media = true,
                Some(_) => self.media_bytes += part.len() as u64,
            }
            text -= part.len();
        }
        self.images += fields
            .present("images")
            .and_then(json::array)
            .map_or(0, |images| images.len()) as u64;
        self.text_bytes += text as u64;
    }

    /// Whether the request limits the length of the answer.
    pub fn limits_tokens(&self) -> bool {
        self.max_tokens.is_some()
    }

    /// Returns this request with a limit on the tokens of each choice.
    pub fn limited_to(&self, tokens: u64) -> Self {
        Self {
            max_tokens: Some(tokens),
            ..self.clone()
        }
    }

    /// The usual number of prompt tokens.
    pub(super) fn usual_prompt(&self) -> u64 {
        self.text_bytes.div_ceil(4)
            + 4 * self.messages
            + USUAL_IMAGE_TOKENS * self.images
            + self.media_bytes / 16
    }

    /// The most prompt tokens; `None` if the request has media of unknown size, and the model has no known limit.
    pub(super) fn most_prompt(&self, context: Option<u64>) -> Option<u64> {
        let counted = self.text_bytes
            + IMAGE_TOKENS * self.images
            + self.media_bytes
            + if self.has_tools { TOOL_TOKENS } else { 0 };
        match (self.has_unsized_media, context) {
            (true, context) => context,
            (false, context) => Some(counted.min(context.unwrap_or(u64::MAX))),
        }
    }

    /// The most tokens of the answer, in all its choices.
    pub(super) fn most_output(&self, model: Option<&ModelPrices>) -> Option<u64> {
        let limit = model.and_then(|model| model.max_output.or(model.context));
        let each = match (self.max_tokens, limit) {
            (Some(asked), Some(limit)) => Some(asked.min(limit)),
            (asked, limit) => asked.or(limit),
        };
        Some(each?.saturating_mul(self.choices))
    }
}

fn count(body: &Object<'_>, name: &str) -> Option<u64> {
    let number = body.present(name).and_then(json::figure)?;
    (0.0..=1e15).contains(&number).then_some(number as u64)
}

/// How much more than the list price the service tier of a request may cost; `None` if that is unknown.
fn tier_of(body: &Object<'_>) -> Option<u64> {
    let is_hurried = |model: &str| model.split(':').skip(1).any(|suffix| suffix == "nitro");
    let models = body.present("models").and_then(json::array).unwrap_or_default();
    let mut named = models
        .into_iter()
        .chain(body.present("model"))
        .filter_map(json::string);
    match body.string("service_tier").as_deref() {
        None | Some("auto" | "default" | "flex" | "standard") => {
            Some(if named.any(|model| is_hurried(&model)) {
                PRIORITY
            } else {
                1
            })
        }
        Some("fast" | "priority") => Some(PRIORITY),
        Some(_) => None,
    }
}
