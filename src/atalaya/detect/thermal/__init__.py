"""Heat in thermal pictures: small things warmer than what lies around them."""
