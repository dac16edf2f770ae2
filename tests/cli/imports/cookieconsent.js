import 'https://elsewhere.test/cookieconsent.umd.js';

CookieConsent.run({
  mode: 'opt-out',
  cookie: { name: 'cc_cookie', expiresAfterDays: 182 },
  guiOptions: { consentModal: { layout: 'cloud inline', position: 'bottom center' } },
  categories: {
    necessary: { enabled: true, readOnly: true },
    analytics: {
      enabled: true,
      autoClear: { cookies: [{ name: /^_ga/ }, { name: '_gid' }] },
      services: { ga: { label: 'Google Analytics', onAccept: () => {}, cookies: [{ name: /^_ga/ }] } },
    },
    marketing: {},
  },
  language: {
    default: 'fr',
    translations: {
      fr: {
        preferencesModal: {
          sections: [
            { title: 'Introduction' },
            { title: 'Mesure', description: 'Savoir ce qui est <i>lu</i>.', linkedCategory: 'analytics' },
            {
              title: 'Publicité',
              linkedCategory: 'marketing',
              cookieTable: { headers: { name: 'Cookie' }, body: [{ name: '_fbp', domain: '.shop.test' }] },
            },
          ],
        },
      },
      de: './de.json',
    },
  },
});
