/** No framework: what a page calls, put where the tests reach it. */
import { granted, load, subscribe, temoin } from "@temoin/sdk";
import { fakeTemoin } from "@temoin/sdk/testing";

Object.assign(window, { sdk: { fakeTemoin, granted, load, subscribe, temoin } });
