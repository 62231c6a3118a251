import type { Open } from '../open.js';
import type { ProviderPreferences } from '../routing.js';
import type { CallSettings } from './settings.js';
import type { CostFacts } from './usage.js';

/** The parameters of speech. */
export interface SpeechParams {
  model: string;
  /** The text to speak. */
  input: string;
  voice?: string | null | undefined;
  speed?: number | null | undefined;
  response_format?: Open<'mp3' | 'pcm'> | null | undefined;
  input_references?: readonly object[] | null | undefined;
  provider?: ProviderPreferences | null | undefined;
}

/** The parameters of a transcription: `file`, or `input_audio` as the API takes it. */
export type TranscriptionParams = {
  model: string;
  language?: string | null | undefined;
  temperature?: number | null | undefined;
  response_format?: Open<'json' | 'verbose_json'> | null | undefined;
  timestamp_granularities?: ReadonlyArray<'word' | 'segment'> | null | undefined;
  provider?: ProviderPreferences | null | undefined;
} & (
  | {
    /** Bytes, a `File`, or a stream of bytes such as `fs.createReadStream(path)`. */
    file: Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;
    /** Such as `'mp3'` or `'wav'`; by default what the name or the type of the file says. */
    format?: string;
  }
  | { input_audio: { data: string; format: string } }
);

/** The text of sound. */
export interface Transcription {
  text: string;
  language?: string;
  duration?: number;
  segments?: unknown[];
  words?: unknown[];
  usage?: CostFacts & { seconds?: number };
  [field: string]: unknown;
}

/** The parameters of a video. Privacy settings are not possible here: they are refused before anything is sent. */
export interface VideoParams {
  model: string;
  prompt?: string | null | undefined;
  duration?: number | null | undefined;
  aspect_ratio?: string | null | undefined;
  resolution?: string | null | undefined;
  size?: string | null | undefined;
  seed?: number | null | undefined;
  generate_audio?: boolean | null | undefined;
  frame_images?: readonly object[] | null | undefined;
  input_references?: readonly object[] | null | undefined;
  callback_url?: string | null | undefined;
  provider?: object | null | undefined;
  [parameter: string]: unknown;
}

/** The settings of a call for a video. */
export interface VideoSettings extends CallSettings {
  /** Receives the job each time that it was asked for. */
  onProgress?: ((job: VideoJob) => void) | undefined;
  /** How often the job is asked for, in milliseconds. Default: 5,000. */
  interval?: number | undefined;
  /** How long the job is waited for, in milliseconds. Default: 30 minutes. `error.partial` has the job, which goes on. */
  maxTime?: number | undefined;
}

/** A job that makes a video. */
export interface VideoJob {
  id: string;
  status: Open<'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled' | 'expired'>;
  polling_url: string;
  generation_id?: string;
  /** Where the videos are, once they are made. See {@link OpenRouterClient.getVideoContent}. */
  unsigned_urls?: string[];
  usage?: CostFacts;
  [field: string]: unknown;
}
