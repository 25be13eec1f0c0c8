"""The DCS API made real: requests, answers, signatures, credentials. It decides nothing and retries nothing."""
