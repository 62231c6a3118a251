//! How the cost of a request is counted, by its endpoint.

use crate::request::endpoint::{CHAT, Endpoint};

/// What a request consists of, as far as its cost depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// A chat completion.
    #[default]
    Chat,
    /// A request of the Responses API.
    Response,
    /// A request of Anthropic's Messages.
    Message,
    /// A legacy completion.
    Completion,
    /// Texts of which embeddings are made.
    Embeddings,
    /// A query and documents.
    Rerank,
    /// A text to be spoken.
    Speech,
}

impl Shape {
    /// Returns the shape of a request to `endpoint`; `None` if nothing is known of what determines its cost.
    pub fn of(endpoint: &Endpoint) -> Option<Self> {
        match endpoint.path().filter(|_| endpoint.method() == "POST")? {
            CHAT => Some(Self::Chat),
            "/responses" => Some(Self::Response),
            "/messages" => Some(Self::Message),
            "/completions" => Some(Self::Completion),
            "/embeddings" => Some(Self::Embeddings),
            "/rerank" => Some(Self::Rerank),
            "/audio/speech" => Some(Self::Speech),
            _ => None,
        }
    }

    /// Whether the answer is written by a language model, so that it costs something by its length.
    pub fn writes(self) -> bool {
        self.limit_field().is_some()
    }

    /// The field that limits the length of the answer.
    pub fn limit_field(self) -> Option<&'static str> {
        match self {
            Self::Chat => Some("max_completion_tokens"),
            Self::Response => Some("max_output_tokens"),
            Self::Message | Self::Completion => Some("max_tokens"),
            Self::Embeddings | Self::Rerank | Self::Speech => None,
        }
    }

    /// Whether the endpoint takes `provider.max_price`.
    pub fn takes_max_price(self) -> bool {
        self != Self::Speech
    }

    /// The fields that are read as tokens of the prompt, beside the messages.
    pub(super) fn text_fields(self) -> &'static [&'static str] {
        match self {
            Self::Chat => &["tools", "functions", "response_format", "prediction", "system"],
            Self::Response => &["tools", "instructions", "text"],
            Self::Message => &["tools", "system", "output_config"],
            Self::Completion => &["prompt", "suffix"],
            Self::Embeddings => &[],
            Self::Rerank => &["query"],
            Self::Speech => &["input", "instructions"],
        }
    }

    /// The field with the messages, or with what stands for them.
    pub(super) fn messages_field(self) -> Option<&'static str> {
        match self {
            Self::Chat | Self::Message => Some("messages"),
            Self::Response | Self::Embeddings => Some("input"),
            Self::Rerank => Some("documents"),
            Self::Completion | Self::Speech => None,
        }
    }
}
