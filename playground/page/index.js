import './ui.js';
