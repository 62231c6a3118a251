//! `GET /models`: 400 models, about 600 KB.

use std::sync::LazyLock;

use bytes::Bytes;

static LIST: LazyLock<Bytes> = LazyLock::new(|| {
    let models: Vec<String> = (0..400).map(model).collect();
    format!(r#"{{"data":[{}]}}"#, models.join(",")).into()
});

/// Returns the body of the response.
pub fn list() -> Bytes {
    LIST.clone()
}

fn model(number: usize) -> String {
    let description =
        "A model for long answers, with tools, pictures and a wide view of what came before. ".repeat(7);
    format!(
        concat!(
            r#"{{"id":"maker-{0}/model-{1}","canonical_slug":"maker-{0}/model-{1}-2026-01-01","hugging_face_id":"","#,
            r#""name":"Maker {0}: Model {1}","created":1763164800,"description":"{2}","context_length":{3},"#,
            r#""architecture":{{"modality":"text+image->text","input_modalities":["text","image"],"output_modalities":["text"],"#,
            r#""tokenizer":"GPT","instruct_type":null}},"pricing":{{"prompt":"0.00000025","completion":"0.000002","#,
            r#""request":"0","image":"0","web_search":"0.01","internal_reasoning":"0","input_cache_read":"0.000000025"}},"#,
            r#""top_provider":{{"context_length":{3},"max_completion_tokens":128000,"is_moderated":true}},"#,
            r#""per_request_limits":null,"supported_parameters":["include_reasoning","max_tokens","reasoning","#,
            r#""response_format","seed","structured_outputs","tool_choice","tools"],"default_parameters":{{}}}}"#
        ),
        number % 40,
        number,
        description,
        8192 * (1 + number % 32)
    )
}
