// Which clients are run in which set.
import { aiSdk, langchain, llamaindex } from './frameworks.mjs';
import {
  anthropicSdk,
  googleGenai,
  googleGenerativeAi,
  openaiChat,
  openaiResponses,
} from './official.mjs';
import { pythonClients } from './python.mjs';

/** `load(package)` imports a package of the set's own. */
async function modern(load) {
  const [anthropic, openai, genai] = await Promise.all(
    ['@anthropic-ai/sdk', 'openai', '@google/genai'].map(load),
  );
  const ai = await load('ai');
  const create = {
    'ai-sdk anthropic': await load('@ai-sdk/anthropic'),
    'ai-sdk openai responses': await load('@ai-sdk/openai'),
    'ai-sdk openai chat': await load('@ai-sdk/openai'),
    'ai-sdk google': await load('@ai-sdk/google'),
  };
  const messages = await load('@langchain/core/messages');
  const chains = {
    'langchain anthropic': await load('@langchain/anthropic'),
    'langchain openai': await load('@langchain/openai'),
    'langchain google-genai': await load('@langchain/google-genai'),
    'langchain google': await load('@langchain/google'),
  };
  return [
    anthropicSdk({ name: 'anthropic', module: anthropic }),
    openaiChat({ name: 'openai', module: openai }),
    openaiResponses({ name: 'openai', module: openai }),
    googleGenai({ name: 'google-genai', module: genai }),
    ...Object.entries(create).map(([kind, module]) =>
      aiSdk({ name: kind, kind, ai, create: module }),
    ),
    ...Object.entries(chains).map(([kind, module]) =>
      langchain({ name: kind, kind, module, messages }),
    ),
  ];
}

async function node20(load) {
  const indexes = {
    'llamaindex anthropic': await load('@llamaindex/anthropic'),
    'llamaindex openai': await load('@llamaindex/openai'),
    'llamaindex google': await load('@llamaindex/google'),
  };
  return [
    ...(await modern(load)),
    ...Object.entries(indexes).map(([kind, module]) => llamaindex({ name: kind, kind, module })),
  ];
}

async function legacy(load) {
  const [old, recent, openai, generative] = await Promise.all(
    ['@anthropic-ai/sdk', 'anthropic-0-122', 'openai', '@google/generative-ai'].map(load),
  );
  const onNodeFetch = (client) => {
    client.has.add('nodeFetch');
    return client;
  };
  return [
    onNodeFetch(anthropicSdk({ name: 'anthropic 0.39', module: old })),
    anthropicSdk({ name: 'anthropic 0.122', module: recent }),
    onNodeFetch(openaiChat({ name: 'openai 4', module: openai })),
    onNodeFetch(openaiResponses({ name: 'openai 4', module: openai })),
    googleGenerativeAi({ name: 'google-generative-ai', module: generative }),
  ];
}

// `load` of such a set gives the path of the interpreter that has its packages.
const python = async (load) => pythonClients(await load('python'));

export const sets = { latest: modern, node20, legacy, python, 'python-old': python };
