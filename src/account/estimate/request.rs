//! What determines the cost of a request, read from its body.

use super::Shape;
use crate::account::prices::{ModelPrices, Rates};
use crate::json::{self, Object};
use crate::request::privacy;

/// The most tokens of one image. The largest that a provider documents is 48,169: eight tiles of gpt-4o-mini.
pub(super) const IMAGE_TOKENS: u64 = 50_000;
/// The usual tokens of one image.
const USUAL_IMAGE_TOKENS: u64 = 1_000;
/// Tokens that a provider adds to a request with tools, to explain them to the model. Anthropic documents up to 735.
const TOOL_TOKENS: u64 = 1_000;
/// How much more the tier `priority` costs: OpenAI documents up to the double.
const PRIORITY: u64 = 2;
/// How many documents a search of a reranking model has at most.
const DOCUMENTS_IN_SEARCH: u64 = 100;
/// The fewest bytes of a long document that count as one more document.
const LEAST_DOCUMENT: u64 = 100;
/// The parts of a message that are text, with all addresses in them.
const TEXT_PARTS: &[&str] = &[
    "text",
    "input_text",
    "output_text",
    "refusal",
    "reasoning",
    "reasoning_text",
    "summary_text",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "server_tool_use",
];

/// What determines the cost of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    pub(super) shape: Shape,
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
    /// How often a price per request is paid.
    pub(super) requests: u64,
}

impl Request {
    /// Reads the body of a request.
    pub fn of(shape: Shape, body: &str) -> Self {
        let body = privacy::parameters(body.as_bytes()).unwrap_or_default();
        let choices = count(&body, "n").max(count(&body, "best_of")).unwrap_or(1);
        let limits = shape.limit_field().into_iter().chain(["max_tokens"]);
        let mut request = Self {
            shape,
            choices: choices.max(1),
            max_tokens: limits
                .filter(|_| shape.writes())
                .find_map(|name| count(&body, name)),
            tier: tier_of(&body),
            requests: 1,
            // The server adds the text of a stored prompt.
            has_unsized_media: shape == Shape::Response && body.present("prompt").is_some(),
            ..Self::default()
        };
        for name in shape.text_fields() {
            request.text_bytes += body.present(name).map_or(0, str::len) as u64;
        }
        request.has_tools = body.present("tools").is_some() || body.present("functions").is_some();
        let given = shape.messages_field().and_then(|name| body.present(name));
        let list = given.and_then(json::array);
        match (&list, given) {
            (Some(items), _) => items.iter().for_each(|item| request.add_message(item)),
            (None, Some(text)) => request.add_text(text),
            (None, None) => {}
        }
        if shape == Shape::Rerank {
            request.count_searches(&body, list.map_or(1, |items| items.len()) as u64);
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

    /// Counts what a reranking model is paid for: each document is read together with the query, and a search has a limited
    /// number of documents, of which a long one counts as several.
    fn count_searches(&mut self, body: &Object<'_>, documents: u64) {
        let query = body.present("query").map_or(0, str::len) as u64;
        self.text_bytes = self
            .text_bytes
            .saturating_add(query.saturating_mul(documents.saturating_sub(1)));
        let pieces = documents.saturating_add(self.text_bytes / LEAST_DOCUMENT);
        self.requests = pieces.div_ceil(DOCUMENTS_IN_SEARCH).max(1);
    }

    fn add_text(&mut self, text: &str) {
        self.messages += 1;
        self.text_bytes += text.len() as u64;
    }

    fn add_message(&mut self, message: &str) {
        self.add_text(message);
        let fields = Object::parse(message).unwrap_or_default();
        // The results of tools have their parts in `output` in the Responses API.
        for name in ["content", "output"] {
            for part in fields.present(name).and_then(json::array).unwrap_or_default() {
                self.add_part(part);
            }
        }
        self.images += fields
            .present("images")
            .and_then(json::array)
            .map_or(0, |images| images.len()) as u64;
    }

    /// Counts a part of a message, whose bytes are counted as text already.
    fn add_part(&mut self, part: &str) {
        let fields = Object::parse(part).unwrap_or_default();
        match fields.string("type").as_deref() {
            None => return,
            Some(kind) if TEXT_PARTS.contains(&kind) => return,
            Some("tool_result") => {
                let parts = fields.present("content").and_then(json::array);
                return parts.into_iter().flatten().for_each(|part| self.add_part(part));
            }
            Some("image_url" | "input_image" | "image") => self.images += 1,
            Some(_) if is_unsized(part) => self.has_unsized_media = true,
            // Base64 has more bytes than there are tokens in what it encodes.
            Some(_) => self.media_bytes += part.len() as u64,
        }
        self.text_bytes -= part.len() as u64;
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
        if !self.shape.writes() {
            return Some(0);
        }
        let limit = model.and_then(ModelPrices::most_output);
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

/// Whether a file is only named, by a URL or an id.
fn is_unsized(part: &str) -> bool {
    part.contains("\"file_id\"") || (part.contains("://") && !part.contains("data:"))
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
        // Anthropic's fast mode, which has prices of its own.
        _ if body.string("speed").is_some_and(|speed| speed != "standard") => None,
        None | Some("auto" | "default" | "flex" | "standard" | "standard_only") => {
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
