// A configuration as a site has it, functions and regular expressions included.
const year = 365;
var klaroConfig = {
  version: 1,
  elementID: 'klaro',
  cookieExpiresAfterDays: 2 * year,
  default: true,
  mustConsent: true,
  acceptAll: true,
  hideDeclineAll: true,
  translations: {
    zz: { privacyPolicyUrl: '/vie-privee' },
    fr: {
      consentModal: { title: 'Nos cookies', description: 'Choisissez.' },
      purposes: {
        analytics: { title: 'Statistiques', description: 'Compter les <b>visites</b>.' },
        livechat: 'Discussion',
      },
    },
    en: { purposes: { analytics: 'Statistics', livechat: 'Chat' } },
    tlh: { purposes: { analytics: 'mIvwa’' } },
  },
  services: [
    {
      name: 'matomo',
      title: 'Matomo',
      purposes: ['analytics'],
      cookies: [[/^_pk_.*$/, '/', 'shop.test'], 'piwik_ignore', { pattern: /^(a|b)+$/, path: '/' }],
      callback: function (consent, service) { fetch('https://elsewhere.test/' + consent); },
      optOut: true,
    },
    { name: 'widget', translations: { fr: { title: 'Le Guichet' } }, purposes: ['livechat'], required: true },
  ],
};
