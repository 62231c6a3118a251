//! The names of a chat request's parameters. A name that is not listed is sent as well, because the API may know it, but it is
//! compared with the listed ones, in case it is misspelt.

/// The parameters of OpenRouter's chat completions API, in alphabetical order: those of its specification, and those that only
/// its guides mention.
pub const PARAMETERS: &[&str] = &[
    "cache_control",
    "debug",
    "frequency_penalty",
    "image_config",
    "include_reasoning",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "max_tool_calls",
    "messages",
    "metadata",
    "min_p",
    "modalities",
    "model",
    "models",
    "parallel_tool_calls",
    "plugins",
    "prediction",
    "presence_penalty",
    "preset",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "provider",
    "reasoning",
    "reasoning_effort",
    "repetition_penalty",
    "response_format",
    "route",
    "seed",
    "service_tier",
    "session_id",
    "stop",
    "stop_server_tools_when",
    "stream",
    "stream_options",
    "structured_outputs",
    "temperature",
    "tool_choice",
    "tools",
    "top_a",
    "top_k",
    "top_logprobs",
    "top_p",
    "trace",
    "transforms",
    "usage",
    "user",
    "verbosity",
    "web_search_options",
];

/// Parameters of OpenAI's API that other libraries send, in alphabetical order. OpenRouter's documentation does not have them.
const OF_OPENAI: &[&str] = &[
    "audio",
    "function_call",
    "functions",
    "moderation",
    "n",
    "prompt_cache_retention",
    "safety_identifier",
    "store",
];

/// Parameters that only this client uses. They are not sent.
pub const LOCAL: &[&str] = &[
    "autoRouter",
    "zdr",
    "dataCollection",
    "signal",
    "onProgress",
    "timeouts",
    "maxRetries",
    "coalesce",
    "headers",
    "maxCost",
    "budget",
    "reserve",
    "session",
    "responseCache",
    "extraBody",
];

/// Whether a parameter is known, to the API or to this client. It runs for each parameter of each request.
pub fn is_known(name: &str) -> bool {
    PARAMETERS.binary_search(&name).is_ok() || LOCAL.contains(&name) || OF_OPENAI.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_parameter_is_known() {
        assert!(PARAMETERS.is_sorted() && OF_OPENAI.is_sorted());
        for name in PARAMETERS.iter().chain(OF_OPENAI).chain(LOCAL) {
            assert!(is_known(name), "{name}");
        }
        assert!(!is_known("temprature") && !is_known(""));
    }
}
