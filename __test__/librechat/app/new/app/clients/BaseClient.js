'use strict';

const { randomUUID } = require('node:crypto');

const db = require('../../../shared/database.js');

const NO_PARENT = '00000000-0000-0000-0000-000000000000';

/** The base class of all clients, modelled on LibreChat v0.8. */
class BaseClient {
  constructor(apiKey, options = {}) {
    this.apiKey = apiKey;
    this.sender = options.sender ?? 'AI';
    this.inputTokensKey = 'prompt_tokens';
    this.outputTokensKey = 'completion_tokens';
    this.savedMessageIds = new Set();
    this.currentMessages = [];
  }

  setOptions() {
    throw new Error("Method 'setOptions' must be implemented.");
  }

  getTokenCountForResponse() {}

  async recordTokenUsage() {}

  getResponseModel() {
    return this.modelOptions?.model ?? this.model;
  }

  async setMessageOptions(opts) {
    if (opts.replaceOptions) this.setOptions(opts);
    this.user = opts.user ?? null;
    const saveOptions = this.getSaveOptions();
    this.abortController = opts.abortController ?? new AbortController();
    this.conversationId = opts.conversationId ?? randomUUID();
    const parentMessageId = opts.parentMessageId ?? NO_PARENT;
    const userMessageId = opts.overrideParentMessageId ?? randomUUID();
    let responseMessageId = opts.responseMessageId ?? randomUUID();
    let head = opts.isEdited ? responseMessageId : parentMessageId;
    this.currentMessages = await this.loadHistory(this.conversationId, head);
    if (opts.isEdited && !opts.isContinued) {
      responseMessageId = randomUUID();
      head = responseMessageId;
      this.currentMessages.at(-1).messageId = head;
    }
    this.responseMessageId = responseMessageId;
    return { head, saveOptions, userMessageId, parentMessageId, responseMessageId };
  }

  async handleStartMethods(text, opts) {
    const ids = await this.setMessageOptions(opts);
    const { conversationId } = this;
    const userMessage = opts.isEdited
      ? this.currentMessages.at(-2)
      : { messageId: ids.userMessageId, parentMessageId: ids.parentMessageId, conversationId, sender: 'User', text, isCreatedByUser: true };
    opts.getReqData?.({ userMessage, conversationId, responseMessageId: ids.responseMessageId, sender: this.sender });
    opts.onStart?.(userMessage, ids.responseMessageId, opts.conversationId == null);
    return { ...ids, userMessage };
  }

  async sendMessage(text, opts = {}) {
    const { head, saveOptions, responseMessageId, userMessage } = await this.handleStartMethods(text, opts);
    const { user, isEdited, editedContent } = opts;
    if (opts.progressCallback) {
      opts.onProgress = opts.progressCallback.call(null, { ...opts.progressOptions, parentMessageId: userMessage.messageId, messageId: responseMessageId });
    }
    if (isEdited) {
      const part = this.currentMessages.at(-1).content?.[editedContent?.index];
      if (part && part.type === editedContent.type) part[editedContent.type] = editedContent.text;
      this.continued = true;
    } else {
      this.currentMessages.push(userMessage);
    }
    const { prompt: payload, tokenCountMap, promptTokens } = await this.buildMessages(
      this.currentMessages,
      isEdited ? head : userMessage.messageId,
      this.getBuildMessagesOptions(opts),
      opts,
    );
    if (tokenCountMap?.[userMessage.messageId]) userMessage.tokenCount = tokenCountMap[userMessage.messageId];
    let userMessagePromise;
    if (!isEdited) {
      userMessagePromise = this.saveMessageToDatabase(userMessage, saveOptions, user).catch(() => ({}));
      this.savedMessageIds.add(userMessage.messageId);
      opts.getReqData?.({ userMessagePromise });
    }
    await db.checkBalance({ user: this.user, tokenType: 'prompt', amount: promptTokens, model: this.modelOptions?.model ?? this.model });

    const { completion, metadata } = await this.sendCompletion(payload, opts);
    if (this.abortController) this.abortController.requestCompleted = true;

    const responseMessage = {
      messageId: responseMessageId,
      conversationId: this.conversationId,
      parentMessageId: userMessage.messageId,
      isCreatedByUser: false,
      isEdited,
      model: this.getResponseModel(),
      sender: this.sender,
      promptTokens,
      endpoint: this.options.endpoint,
      metadata: Object.keys(metadata ?? {}).length > 0 ? metadata : undefined,
    };
    if (typeof completion === 'string') responseMessage.text = completion;
    else if (Array.isArray(completion)) responseMessage.text = completion.join('');

    if (tokenCountMap && this.recordTokenUsage && this.getTokenCountForResponse) {
      const usage = this.getStreamUsage != null ? this.getStreamUsage() : null;
      if (usage != null && Number(usage[this.outputTokensKey]) > 0) {
        responseMessage.tokenCount = usage[this.outputTokensKey];
      } else {
        responseMessage.tokenCount = this.getTokenCountForResponse(responseMessage);
        await this.recordTokenUsage({ usage, promptTokens, completionTokens: responseMessage.tokenCount, model: this.model, messageId: responseMessageId });
      }
    }
    await userMessagePromise;
    responseMessage.databasePromise = this.saveMessageToDatabase(responseMessage, saveOptions, user);
    this.savedMessageIds.add(responseMessage.messageId);
    return responseMessage;
  }

  async loadHistory(conversationId, parentMessageId) {
    const byId = new Map((await db.getMessages({ conversationId })).map((message) => [message.messageId, message]));
    const chain = [];
    for (let at = byId.get(parentMessageId); at; at = byId.get(at.parentMessageId)) chain.unshift(at);
    return chain;
  }

  async saveMessageToDatabase(message, endpointOptions, user = null) {
    const { options } = this;
    if (!options) return {};
    if (this.user && user !== this.user) throw new Error('User mismatch.');
    return { message: await db.saveMessage({ ...message, endpoint: options.endpoint }), conversation: { conversationId: message.conversationId, ...endpointOptions } };
  }
}

module.exports = BaseClient;
