// The elements of `openrouter-native/ui`. Importing this module registers them.
export { Answer } from './answer.js';
export { ApiError, apiOf, configure } from './api.js';
export { OpenRouterChat } from './chat.js';
export { OpenRouterCredits } from './credits.js';
export { OpenRouterElement } from './element.js';
export { OpenRouterFallbacks } from './fallbacks.js';
export { OpenRouterMessage } from './message.js';
export { OpenRouterModels } from './models.js';
export { OpenRouterProviders } from './providers.js';
export { setTexts, texts } from './texts.js';
export { OpenRouterToggles } from './toggles.js';
