// What the demo asks: three questions per operation, about the Debian Policy Manual.
export const questions = {
  messages: [
    'Which fields must debian/control have?',
    'When may a package ship a setuid binary?',
    'What does Breaks mean, and when is Conflicts right?',
  ],
  chat_completions: [
    'Where do configuration files belong?',
    'What is the difference between main and contrib?',
    'How does a maintainer script know its arguments?',
  ],
  responses: [
    'What has to be in debian/copyright?',
    'How are shared library packages named?',
    'Which shell may a maintainer script rely on?',
  ],
  generate_content: [
    'How are version numbers compared?',
    'What is an essential package?',
    'What may a package write into /usr/local?',
  ],
};
