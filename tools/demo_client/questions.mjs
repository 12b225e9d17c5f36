// What the demo asks: three questions per operation, about the Debian Policy Manual.
export const questions = {
  messages: [
    'Which fields must debian/control have?',
    'When may a package ship a setuid binary?',
    'When is Breaks right, and when Conflicts?',
  ],
  chat_completions: [
    'Where do configuration files belong?',
    'How do main and contrib differ?',
    'Which arguments does a postinst get?',
  ],
  responses: [
    'What has to be in debian/copyright?',
    'How are shared library packages named?',
    'Which shell may a postinst rely on?',
  ],
  generate_content: [
    'How are version numbers compared?',
    'What is an essential package?',
    'What may a package write into /usr/local?',
  ],
};
