"""Search patterns of the IAMSAR manual as points in a plane."""
