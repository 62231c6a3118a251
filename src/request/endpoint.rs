//! Which endpoint of the API a request goes to. Rules depend on it, so that all spellings of an address that a server may
//! take for the same must count as the same, and an address that servers may read in different ways as none.

use url::Url;

/// The path of chats below the base URL.
pub const CHAT: &str = "/chat/completions";

/// The folders of endpoints that manage an account, and cost nothing.
const FREE: &[&str] = &[
    "/analytics",
    "/auth",
    "/byok",
    "/containers",
    "/files",
    "/generation",
    "/guardrails",
    "/keys",
    "/observability",
    "/organization",
    "/presets",
    "/scim",
    "/vault",
    "/workspaces",
];

/// The address of a request, as far as the rules depend on it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    method: String,
    /// The path below the base URL, in one spelling; `None` if it is unclear where the request goes.
    path: Option<String>,
    /// The base URL, if the path is below one.
    base_url: String,
}

impl Endpoint {
    /// Finds the endpoint of a request. The path counts from `base_url` if the URL begins with it, else from the first `/v1`
    /// in it, else from `/api/alpha` or `/api/beta`, else from its start.
    pub fn of(method: &str, url: &str, base_url: Option<&str>) -> Self {
        let found = Url::parse(url).ok().and_then(|url| {
            let segments = segments(url.path())?;
            let base = base_url
                .and_then(|base| Url::parse(base).ok())
                .filter(|base| base.origin() == url.origin())
                .and_then(|base| segments_of_base(&base, &segments));
            let start = base.unwrap_or_else(|| start(&segments));
            let mut address = url.clone();
            address.set_query(None);
            address.set_fragment(None);
            address.set_path(&segments.get(..start)?.join("/"));
            let path = format!("/{}", segments.get(start..)?.join("/"));
            Some((path, address.as_str().trim_end_matches('/').to_owned()))
        });
        let (path, base_url) = found.unzip();
        Self {
            method: method.to_ascii_uppercase(),
            path,
            base_url: base_url.unwrap_or_default(),
        }
    }

    /// Whether the request is a chat.
    pub fn is_chat(&self) -> bool {
        self.method == "POST" && self.path.as_deref() == Some(CHAT)
    }

    /// What the endpoint does, by the names of OpenTelemetry's conventions for generative AI.
    pub fn operation(&self) -> &'static str {
        match self.path.as_deref() {
            Some("/embeddings") => "embeddings",
            Some("/completions") => "text_completion",
            Some(CHAT | "/responses" | "/messages") => "chat",
            _ => "generate_content",
        }
    }

    /// Whether the endpoint begins a job, whose cost becomes known when it is over.
    pub fn starts_job(&self) -> bool {
        self.method == "POST" && self.path.as_deref() == Some("/videos")
    }

    /// Whether a request to the endpoint may cost something. Every endpoint may that is not known to cost nothing.
    pub fn may_cost(&self) -> bool {
        let is_free = |path: &str| {
            FREE.iter().any(|free| {
                path.strip_prefix(free)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "DELETE")
            && !self.path.as_deref().is_some_and(is_free)
    }

    /// Whether the endpoint explains with the header `X-OpenRouter-Metadata` how a request was routed.
    pub fn tells_route(&self) -> bool {
        let path = self.path.as_deref();
        self.method == "POST" && matches!(path, Some(CHAT | "/responses" | "/messages"))
    }

    /// Whether `fetch` reads the answers of the endpoint, besides those of chats: for their model, usage and failure.
    pub fn is_read(&self) -> bool {
        let path = self.path.as_deref();
        let is_known = matches!(
            path,
            Some(
                "/responses"
                    | "/messages"
                    | "/completions"
                    | "/embeddings"
                    | "/rerank"
                    | "/images"
                    | "/audio/transcriptions"
            )
        );
        self.method == "POST" && is_known
    }

    /// Whether the streams of the endpoint say when the answer is complete.
    pub fn marks_end(&self) -> bool {
        let path = self.path.as_deref();
        matches!(path, Some(CHAT | "/responses" | "/messages" | "/completions"))
    }

    /// The base URL of the API to which the request goes.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The method, in upper case.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path below the base URL; `None` if it is unclear where the request goes.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Whether the request can carry a prompt.
    pub fn can_carry_prompt(&self, has_body: bool) -> bool {
        has_body || !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "DELETE")
    }

    /// The method and path, for a user.
    pub fn name(&self) -> String {
        format!(
            "{} {}",
            self.method,
            self.path.as_deref().unwrap_or("(unclear address)")
        )
    }
}

/// Returns the segments of a path, decoded and in lower case, without empty ones, dots and parameters (`;`). `None` if
/// servers may read the path in different ways.
fn segments(path: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for raw in path.split('/') {
        let decoded = percent_encoding::percent_decode_str(raw).decode_utf8().ok()?;
        let is_unclear =
            |c: char| matches!(c, '%' | '/' | '\\' | '?' | '#') || c.is_control() || c.is_whitespace();
        if decoded.contains(is_unclear) {
            return None;
        }
        match decoded.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => drop(all.pop()),
            name => all.push(name.to_lowercase()),
        }
    }
    Some(all)
}

/// Returns how many of `segments` belong to the base URL, if they begin with it.
fn segments_of_base(base: &Url, found: &[String]) -> Option<usize> {
    let base = segments(base.path())?;
    found.starts_with(&base).then_some(base.len())
}

/// Returns the number of segments before the path of an endpoint, if no base URL is known.
fn start(segments: &[String]) -> usize {
    if let Some(at) = segments.iter().position(|name| name == "v1") {
        return at + 1;
    }
    let is_other = |pair: &[String]| matches!(pair, [api, version] if api == "api" && (version == "alpha" || version == "beta"));
    segments.windows(2).position(is_other).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> Option<String> {
        Endpoint::of("POST", url, Some("https://gate.example/openrouter")).path
    }

    #[test]
    fn a_path_counts_from_the_base_url_and_has_one_spelling() {
        for url in [
            "https://openrouter.ai/api/v1/chat/completions",
            "https://openrouter.ai/api/v1/chat/completions/?x=1#y",
            "https://openrouter.ai/api/v1//Chat;a=b/%63ompletions;c",
            "https://openrouter.ai/api/v1/x/%2e%2e/chat/./completions",
            "http://127.0.0.1:1/chat/completions",
            "http://127.0.0.1:1/v1/chat/completions",
            "https://gate.example/openrouter/chat/completions",
        ] {
            assert_eq!(path(url).as_deref(), Some(CHAT), "{url}");
        }
        for url in [
            "https://openrouter.ai/api/v1/presets/x/chat/completions",
            "https://openrouter.ai/api/v1/presets/v1/chat/completions",
            "https://openrouter.ai/api/v1/chat/completions/x",
            "https://other.example/openrouter/chat/completions",
            "https://openrouter.ai/api/v1/chat/completions2",
        ] {
            assert_ne!(path(url).as_deref(), Some(CHAT), "{url}");
        }
        for url in [
            "https://openrouter.ai/api/v1/chat%2Fcompletions",
            "https://openrouter.ai/api/v1/chat/completions%00",
            "https://openrouter.ai/api/v1/%2563hat/completions",
            "https://openrouter.ai/api/v1/chat/completions%20",
            "https://openrouter.ai/api/v1/%5c/chat/completions",
        ] {
            assert_eq!(path(url), None, "{url}");
        }
        assert_eq!(
            path("https://openrouter.ai/api/alpha/decisions").as_deref(),
            Some("/api/alpha/decisions")
        );
    }
}
